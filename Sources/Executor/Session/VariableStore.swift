import EspalierGraph

/// The values of variables, by name: what training changes and checkpoints keep.
///
/// Sessions of several graphs can share one store, so that a graph for evaluation sees the weights that another one
/// trains.
public final class VariableStore {
  private var storages: [String: VariableStorage] = [:]
  /// Where other variables are, and their names.
  private var shared: (store: VariableStore, names: Set<String>)?

  /// Returns a store without variables.
  public init() {}

  /// Makes the variables of these names the same as in `store`: sessions on both then read and write one value. For a
  /// store in which none of them has a place yet.
  package func share(_ names: Set<String>, with store: VariableStore) {
    shared = (store, names)
  }

  /// Returns a store in which the same variables have the same values, in memory of its own.
  package func copied() throws(ExecutionError) -> VariableStore {
    let result = VariableStore()
    for name in names { if let value = value(of: name) { try result.set(value, for: name) } }
    return result
  }

  /// The names of the variables that have a value, sorted.
  public var names: [String] {
    let own = storages.values.filter(\.isInitialized).map(\.name)
    return (own + (shared.map { shared in shared.store.names.filter(shared.names.contains) } ?? [])).sorted()
  }

  /// Returns whether the variable has a value.
  public func isInitialized(_ name: String) -> Bool { storage(named: name)?.isInitialized ?? false }

  /// Returns the value of a variable, copied, or nil if it has none.
  public func value(of name: String) -> HostTensor? {
    guard let storage = storage(named: name), storage.isInitialized else { return nil }
    return storage.value
  }

  private func storage(named name: String) -> VariableStorage? {
    if let shared, shared.names.contains(name) { return shared.store.storage(named: name) }
    return storages[name]
  }

  /// Gives a variable a value, making it if there is none of that name.
  ///
  /// - Throws: `ExecutionError` if the variable is of another type or shape.
  public func set(_ value: HostTensor, for name: String) throws(ExecutionError) {
    try storage(named: name, value.dataType, value.shape).store(value)
  }

  /// Returns how many times the variable was changed; 0 if there is none.
  public func version(of name: String) -> Int { storage(named: name)?.version ?? 0 }

  /// Forgets the value of a variable, which is uninitialized then.
  public func removeValue(of name: String) {
    storage(named: name)?.isInitialized = false
  }

  /// The bytes of all variables.
  public var byteCount: Int { storages.values.reduce(0) { $0 + $1.memory.byteCount } }

  /// Returns where the value of a variable lies; for as long as the store lives, always there.
  func storage(named name: String, _ dataType: DataType, _ shape: [Int]) throws(ExecutionError) -> VariableStorage {
    if let shared, shared.names.contains(name) { return try shared.store.storage(named: name, dataType, shape) }
    if let known = storages[name] {
      guard known.dataType == dataType else {
        throw ExecutionError("Variable \(name) is \(known.dataType), not \(dataType)")
      }
      guard known.shape == shape else {
        throw ExecutionError(
          "Assign requires shapes of both tensors to match. lhs shape= \(Shape(known.shape)) "
            + "rhs shape= \(Shape(shape)) (variable \(name))")
      }
      return known
    }
    guard dataType.size != nil else { throw ExecutionError("Variable \(name) cannot be of type \(dataType)") }
    let made = VariableStorage(name: name, dataType: dataType, shape: shape)
    storages[name] = made
    return made
  }
}

/// Where the value of one variable lies.
final class VariableStorage {
  let name: String
  let dataType: DataType
  let shape: [Int]
  let memory: AlignedMemory
  var isInitialized = false
  private(set) var version = 0

  init(name: String, dataType: DataType, shape: [Int]) {
    self.name = name
    self.dataType = dataType
    self.shape = shape
    memory = AlignedMemory(byteCount: shape.reduce(1, *) * (dataType.size ?? 0))
  }

  var value: HostTensor { HostTensor(copying: memory.pointer, dataType, shape) }

  func store(_ value: HostTensor) {
    value.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { memory.pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
    noteChange()
  }

  func noteChange() {
    isInitialized = true
    version += 1
  }
}

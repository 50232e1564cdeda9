import EspalierFormats
import EspalierGraph

/// The attributes of a node that is being imported, and which of them were asked for.
final class NodeAttributes {
  private let attributes: [String: NodeAttribute]
  private var asked: Set<String> = []
  /// The bytes that constants of which the file gives only the first values may still take.
  private(set) var budget: Int

  init(_ attributes: [String: NodeAttribute], budget: Int) {
    self.attributes = attributes
    self.budget = budget
  }

  private func value(_ name: String) -> NodeAttribute? {
    asked.insert(name)
    return attributes[name]
  }

  private func mismatch(_ name: String, _ expected: String) -> GraphError {
    GraphError(attributes[name] == nil ? "attribute \(name) is missing" : "attribute \(name) is not \(expected)")
  }

  /// Returns an integer.
  ///
  /// - Parameter fallback: What a node means that does not have the attribute; nil if all have it.
  func int(_ name: String, _ fallback: Int? = nil) throws(GraphError) -> Int {
    if case .int(let number)? = value(name) { return Int(number) }
    guard let fallback, attributes[name] == nil else { throw mismatch(name, "an integer") }
    return fallback
  }

  func float(_ name: String, _ fallback: Float? = nil) throws(GraphError) -> Float {
    if case .float(let number)? = value(name) { return number }
    guard let fallback, attributes[name] == nil else { throw mismatch(name, "a number") }
    return fallback
  }

  func bool(_ name: String, _ fallback: Bool? = nil) throws(GraphError) -> Bool {
    if case .bool(let flag)? = value(name) { return flag }
    guard let fallback, attributes[name] == nil else { throw mismatch(name, "true or false") }
    return fallback
  }

  func string(_ name: String, _ fallback: String? = nil) throws(GraphError) -> String {
    if let fallback, attributes[name] == nil { return fallback }
    return String(decoding: try bytes(name), as: UTF8.self)
  }

  func bytes(_ name: String) throws(GraphError) -> [UInt8] {
    guard case .bytes(let bytes)? = value(name) else { throw mismatch(name, "text") }
    return bytes
  }

  func type(_ name: String, _ fallback: DataType? = nil) throws(GraphError) -> DataType {
    if case .type(let number)? = value(name) {
      guard number < 100, let type = DataType(tensorFlowNumber: number) else {
        throw GraphError("attribute \(name): element type number \(number) is not known here")
      }
      return type
    }
    guard let fallback, attributes[name] == nil else { throw mismatch(name, "an element type") }
    return fallback
  }

  func shape(_ name: String, _ fallback: Shape? = nil) throws(GraphError) -> Shape {
    if case .shape(let shape)? = value(name) { return shape }
    guard let fallback, attributes[name] == nil else { throw mismatch(name, "a shape") }
    return fallback
  }

  func tensor(_ name: String) throws(GraphError) -> HostTensor {
    guard case .tensor(let encoded)? = value(name) else { throw mismatch(name, "a tensor") }
    do throws(FormatError) {
      let tensor = try encoded.decoded(limit: budget)
      budget -= min(budget, tensor.byteCount)
      return tensor
    } catch {
      throw GraphError("attribute \(name): \(error)")
    }
  }

  private func list(_ name: String) throws(GraphError) -> NodeAttribute.List? {
    guard let value = value(name) else { return nil }
    guard case .list(let list) = value else { throw mismatch(name, "a list") }
    return list
  }

  func ints(_ name: String, _ fallback: [Int] = []) throws(GraphError) -> [Int] {
    try list(name)?.ints.map { Int($0) } ?? fallback
  }

  func floats(_ name: String, _ fallback: [Float]) throws(GraphError) -> [Float] {
    try list(name)?.floats ?? fallback
  }

  func types(_ name: String) throws(GraphError) -> [DataType] {
    var types: [DataType] = []
    for number in try list(name)?.types ?? [] {
      guard let type = DataType(tensorFlowNumber: Int(truncatingIfNeeded: number)), number < 100 else {
        throw GraphError("attribute \(name): element type number \(number) is not known here")
      }
      types.append(type)
    }
    return types
  }

  func shapes(_ name: String) throws(GraphError) -> [Shape] {
    try list(name)?.shapes ?? []
  }

  /// Notes that attributes change nothing here.
  func ignore(_ names: String...) {
    asked.formUnion(names)
  }

  /// Throws if the node has an attribute that nobody asked for and that may mean something.
  func checkAllAsked() throws(GraphError) {
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      if asked.contains(name) || name.hasPrefix("_") || Self.harmless.contains(name) { continue }
      // What remains of types repeats those of the inputs.
      if case .type = value { continue }
      throw GraphError("attribute \(name) is not known here")
    }
  }

  /// Attributes that do not change what is computed, or only repeat how many inputs there are.
  private static let harmless: Set<String> = [
    "N", "allowed_devices", "container", "debug_name", "parallel_iterations", "shared_name", "use_cudnn_on_gpu",
    "use_locking",
  ]
}

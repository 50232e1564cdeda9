/// One value, a list of them, or a dictionary: what models take and datasets yield.
///
/// Of tensors (`Structure<Tensor>`) where a model is built, of values (`Structure<HostTensor>`) where it runs.
///
/// Source: the structures of `tf.nest`.
public enum Structure<Leaf> {
  /// One value.
  case single(Leaf)
  /// Several values in order, such as one for each tower.
  case list([Leaf])
  /// Values by name.
  case dictionary([String: Leaf])

  /// All values: in order, or by name in alphabetical order.
  public var leaves: [Leaf] {
    switch self {
    case .single(let leaf): [leaf]
    case .list(let leaves): leaves
    case .dictionary(let leaves): leaves.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// The only value, or nil if there is not exactly one.
  public var only: Leaf? { leaves.count == 1 ? leaves[0] : nil }

  /// Returns the value with this name in a dictionary, or nil.
  public subscript(name: String) -> Leaf? {
    if case .dictionary(let leaves) = self { return leaves[name] }
    return nil
  }

  /// Returns the value at this place of a list, or of the only value at 0; nil elsewhere.
  public subscript(index: Int) -> Leaf? {
    switch self {
    case .single(let leaf): index == 0 ? leaf : nil
    case .list(let leaves): leaves.indices.contains(index) ? leaves[index] : nil
    case .dictionary: nil
    }
  }

  /// Returns the same structure with each value changed.
  public func map<Other, Failure: Error>(
    _ change: (Leaf) throws(Failure) -> Other
  ) throws(Failure) -> Structure<Other> {
    switch self {
    case .single(let leaf): return .single(try change(leaf))
    case .list(let leaves): return .list(try leaves.map(change))
    case .dictionary(let leaves):
      var result: [String: Other] = [:]
      for (name, leaf) in leaves { result[name] = try change(leaf) }
      return .dictionary(result)
    }
  }

  /// Returns the same structure with values from `leaves`, in the order of this structure's own `leaves`.
  package func filled<Other>(with leaves: [Other]) -> Structure<Other>? {
    guard leaves.count == self.leaves.count else { return nil }
    switch self {
    case .single: return .single(leaves[0])
    case .list: return .list(leaves)
    case .dictionary(let mine):
      return .dictionary(Dictionary(uniqueKeysWithValues: zip(mine.keys.sorted(), leaves)))
    }
  }
}

extension Structure: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Leaf...) {
    self = .list(elements)
  }
}

extension Structure: ExpressibleByDictionaryLiteral {
  /// Returns a dictionary; of two values with one name the last one stays.
  public init(dictionaryLiteral elements: (String, Leaf)...) {
    self = .dictionary(Dictionary(elements) { _, last in last })
  }
}

extension Structure: Sendable where Leaf: Sendable {}
extension Structure: Equatable where Leaf: Equatable {}

import EspalierGraph

extension Cases {
  /// Returns a build of a function of `x`.
  static func unary(_ body: @escaping @Sendable (Tensor) -> Tensor) -> Builder {
    { o in ["y": body(try o.tensor("x"))] }
  }

  /// Returns a build of a function of `a` and `b`.
  static func binary(_ body: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> Builder {
    { o in ["y": body(try o.tensor("a"), try o.tensor("b"))] }
  }

  /// Returns a build of a function of `x` and arguments.
  static func function(_ body: @escaping @Sendable (Tensor, Operands) throws -> Tensor) -> Builder {
    { o in ["y": try body(try o.tensor("x"), o)] }
  }

  /// Returns a build of a function of `x` and arguments with outputs `y0`, `y1`…
  static func several(_ body: @escaping @Sendable (Tensor, Operands) throws -> [Tensor]) -> Builder {
    { o in numbered(try body(try o.tensor("x"), o)) }
  }

  /// Returns tensors as the outputs `y0`, `y1`…
  static func numbered(_ tensors: [Tensor]) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ("y\($0)", $1) })
  }
}

extension Operands {
  /// The inputs `x0`, `x1`…
  var series: [Tensor] {
    tensors.keys.filter { $0.hasPrefix("x") && $0.count > 1 }.sorted().compactMap { tensors[$0] }
  }

  /// Axes: one, several, or nil for all.
  func axes(_ name: String = "axis") throws(ConformanceError) -> [Int]? {
    guard let value = attributes[name], value != .null else { return nil }
    if value.elements?.isEmpty == true { return [] }
    return try ints(name)
  }

  /// An element type by name.
  func dataType(_ name: String) throws(ConformanceError) -> DataType {
    let word = try string(name)
    let type = word == "float16" ? .float16 : DataType.allCases.first { $0.name == word }
    guard let type else { throw ConformanceError("\(word) is not an element type") }
    return type
  }

  /// Whether an argument that may be missing is true.
  func flag(_ name: String) -> Bool { attributes[name]?.bool ?? false }
}

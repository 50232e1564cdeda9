/// Returns a tensor of the shape that the first input names, filled with the second, a scalar.
public struct Fill: Operation {
  public static let tfName = "Fill"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[0], "dims")
    try expectRank(0, inputs[1])
    guard let extents = inputs[0].value else {
      return [TensorType(inputs[1].dataType, inputs[0].shape[0].map { .unknown(rank: $0) } ?? .unknown)]
    }
    if let bad = extents.compactMap({ $0 }).first(where: { $0 < 0 }) {
      throw GraphError("Dimension \(bad) must be >= 0")
    }
    return followingValues(inputs, [TensorType(inputs[1].dataType, Shape(extents))])
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [nil, upstream[0].map { reduceSum($0) }]
  }
}

extension Fill: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    Movement(blocks: [], fill: .input(1))
  }
}

/// Returns zeros in the shape of `x`.
public struct ZerosLike: NonDifferentiable {
  public static let tfName = "ZerosLike"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [TensorType(inputs[0].dataType, inputs[0].shape, value: inputs[0].repeated(0))]
  }
}

extension ZerosLike: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    Movement(blocks: [], fill: .zero)
  }
}

/// Returns ones in the shape of `x`.
public struct OnesLike: NonDifferentiable {
  public static let tfName = "OnesLike"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [TensorType(inputs[0].dataType, inputs[0].shape, value: inputs[0].repeated(1))]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [apply(Fill(), shape(inputs[0]), constant(number: 1, like: inputs[0], name: "one"))]
  }
}

extension TensorType {
  /// Returns the value of a small integer tensor of this shape whose elements are all `element`, else nil.
  fileprivate func repeated(_ element: Int) -> [Int?]? {
    guard dataType == .int32 || dataType == .int64, let count = shape.count, count <= Self.largestValue else {
      return nil
    }
    return [Int?](repeating: element, count: count)
  }
}

/// Returns a tensor of this shape whose elements are all `value`.
///
/// Source: `tf.fill`.
public func fill(
  _ shape: [Int], value: Double, dataType: DataType = .float32, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  applyWithConstants(Fill(), on: [], name: name, file: file, line: line) {
    [
      constant(indices: shape, name: "dims"),
      withoutControlDependencies { constant(number: value, dataType, name: "value") },
    ]
  }[0]
}

/// Returns a tensor of the shape that an integer vector names, whose elements are all `value`, a scalar.
public func fill(
  _ shape: Tensor, value: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Fill(), shape, value, name: name, file: file, line: line)
}

/// Returns zeros.
///
/// Source: `tf.zeros`.
public func zeros(
  _ shape: [Int], dataType: DataType = .float32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  fill(shape, value: 0, dataType: dataType, name: name ?? "zeros", file: file, line: line)
}

/// Returns ones.
///
/// Source: `tf.ones`.
public func ones(
  _ shape: [Int], dataType: DataType = .float32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  fill(shape, value: 1, dataType: dataType, name: name ?? "ones", file: file, line: line)
}

/// Returns zeros in the shape and of the element type of `x`.
///
/// Source: `tf.zeros_like`.
public func zeros(
  like x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(ZerosLike(), x, name: name ?? "zeros_like", file: file, line: line)
}

/// Returns ones in the shape and of the element type of `x`.
///
/// Source: `tf.ones_like`.
public func ones(
  like x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(OnesLike(), x, name: name ?? "ones_like", file: file, line: line)
}

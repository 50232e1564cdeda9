/// Returns `x` where the condition is true, else `y`; all three are broadcast against each other.
public struct SelectV2: Operation {
  public static let tfName = "SelectV2"

  public init() {}

  public var fusion: FusionClass { .pointwise(.select) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: [.bool], "condition")
    let both = try broadcastShape([inputs[1], inputs[2]])
    guard let shape = inputs[0].shape.broadcast(with: both) else {
      throw GraphError("Incompatible shapes: \(inputs[0].shape) vs. \(both)")
    }
    return [TensorType(inputs[1].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dz = upstream[0] else { return [nil, nil, nil] }
    let condition = node.inputs[0]
    let zero = constant(number: 0, like: dz, name: "zero")
    let dx = select(condition, dz, zero)
    let dy = select(condition, zero, dz)
    return [nil, sum(dx, downTo: node.inputs[1]), sum(dy, downTo: node.inputs[2])]
  }
}

/// Returns `x` where the condition is true, else `y`, of the same shape; a vector of conditions chooses whole rows.
public struct Select: Operation {
  public static let tfName = "Select"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: [.bool], "condition")
    try expectSameDataType(inputs[1], inputs[2])
    let shape = try inputs[1].shape.mergedOrThrow(inputs[2].shape)
    if let rank = inputs[0].shape.rank, rank > 1 || shape.rank == rank {
      return [TensorType(inputs[1].dataType, try shape.mergedOrThrow(inputs[0].shape))]
    }
    if let rows = inputs[0].shape[0], let extent = shape[0], rows != extent {
      throw GraphError("Number of elements of condition must be \(extent) but is \(rows)")
    }
    return [TensorType(inputs[1].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dz = upstream[0] else { return [nil, nil, nil] }
    let condition = node.inputs[0]
    let zero = zeros(like: dz)
    return [nil, selectRows(condition, dz, zero), selectRows(condition, zero, dz)]
  }

  /// A vector of conditions gets axes of extent 1 behind it, so that it is broadcast along the rows.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let condition = inputs[0]
    let rank = inputs[1].shape.rank ?? 1
    guard condition.shape.rank == 1, rank > 1 else { return [apply(SelectV2(), inputs[0], inputs[1], inputs[2])] }
    let extents = [condition.shape[0] ?? -1] + [Int](repeating: 1, count: rank - 1)
    return [apply(SelectV2(), reshape(condition, to: extents), inputs[1], inputs[2])]
  }
}

/// Returns `x` where `condition` is true, else `y`; all three are broadcast against each other.
///
/// Source: `tf.where` with three arguments, as in TensorFlow 2.
public func select(
  _ condition: Tensor, _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(SelectV2(), condition, x, y, name: name, file: file, line: line)
}

/// Returns `x` where `condition` is true, else `y`, which has the same shape; a vector of conditions chooses rows.
///
/// Source: `tf.where` with three arguments, as in TensorFlow 1.
public func selectRows(
  _ condition: Tensor, _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Select(), condition, x, y, name: name, file: file, line: line)
}

/// Returns `x` with elements below `minimum` or above `maximum` moved to that limit.
///
/// Source: `tf.clip_by_value`.
public func clipByValue(
  _ x: Tensor, minimum least: Tensor, maximum most: Tensor, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("clip_by_value", name, on: [x, least, most], file, line) { maximum(minimum(x, most), least) }
}

/// Returns `x` with elements below `minimum` or above `maximum` moved to that limit.
public func clipByValue(
  _ x: Tensor, minimum least: Double, maximum most: Double, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("clip_by_value", name, on: [x], file, line) { maximum(minimum(x, most), least) }
}

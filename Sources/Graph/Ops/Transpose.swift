/// Returns the first input with its axes in the order that the second, an integer vector, names.
public struct Transpose: Operation {
  public static let tfName = "Transpose"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[1], "perm")
    guard let rank = inputs[0].shape.rank ?? inputs[1].shape[0] else { return [TensorType(inputs[0].dataType)] }
    try expectRank(rank, inputs[0])
    if let length = inputs[1].shape[0], length != rank {
      throw GraphError("Dimension must be \(rank) but is \(length)")
    }
    guard let order = inputs[1].knownValue else { return [TensorType(inputs[0].dataType, .unknown(rank: rank))] }
    let axes = try Self.axes(order)
    let type = TensorType(inputs[0].dataType, Shape(axes.map { inputs[0].shape[$0] }))
    return followingValues(inputs, [type])
  }

  /// Returns the axes counted from the start.
  static func axes(_ order: [Int]) throws(GraphError) -> [Int] {
    let axes = order.map { $0 < 0 ? $0 + order.count : $0 }
    guard Set(axes) == Set(order.indices) else {
      throw GraphError("perm \(order) is not a permutation of the axes 0 to \(order.count - 1)")
    }
    return axes
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    if let order = node.inputs[1].type.knownValue {
      return [transpose(dy, order: inverse(of: try Self.axes(order))), nil]
    }
    return [apply(Transpose(), dy, invertPermutation(node.inputs[1])), nil]
  }
}

extension Transpose: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let source = Movement.Walk.rowMajor(inputs[0].extents)
    let axes = (try? Self.axes(inputs[1].knownValue ?? [])) ?? []
    let extents = outputs[0].extents
    let walk = Movement.Walk(strides: axes.map { source.strides[$0] })
    return Movement(blocks: [.init(extents: extents, source: walk, destination: .rowMajor(extents))])
  }
}

func inverse(of order: [Int]) -> [Int] {
  var result = order
  for (place, axis) in order.enumerated() { result[axis] = place }
  return result
}

/// Returns `x` with its axes in another order: axis k of the result is axis `order[k]` of `x`.
///
/// - Parameter order: By default the axes are reversed.
///
/// Source: `tf.transpose`.
public func transpose(
  _ x: Tensor, order: [Int]? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Transpose(), on: x, name: name ?? "transpose", file: file, line: line) {
    if let axes = order ?? x.shape.rank.map({ Array((0..<$0).reversed()) }) {
      return [x, constant(indices: axes, name: "perm")]
    }
    let last = apply(AllAxes(), x)
    return [x, reverse(last, axes: [0])]
  }
}

/// Returns the inverse of a permutation of 0, 1, 2…
public struct InvertPermutation: NonDifferentiable {
  public static let tfName = "InvertPermutation"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectIndices(inputs[0], "x")
    try expectRank(1, inputs[0])
    guard let order = inputs[0].knownValue else { return [TensorType(inputs[0].dataType, inputs[0].shape)] }
    guard Set(order) == Set(order.indices) else { throw GraphError("\(order) is not a permutation") }
    return [TensorType(inputs[0].dataType, inputs[0].shape, value: inverse(of: order))]
  }
}

/// Returns the inverse of the permutation `x`, an integer vector: `y[x[k]] = k`.
///
/// Source: `tf.math.invert_permutation`.
public func invertPermutation(
  _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(InvertPermutation(), x, name: name, file: file, line: line)
}

/// Returns the slices of the first input that the second, an integer tensor, names, along the axis that the third names.
///
/// `params` is `[B…, A…, n, R…]` and `indices` `[B…, I…]` with `batchDims` axes B; the result is `[B…, A…, I…, R…]`.
public struct GatherV2: Operation {
  public static let tfName = "GatherV2"
  /// The number of leading axes that both have in common.
  public let batchDims: Int

  public init(batchDims: Int = 0) {
    self.batchDims = batchDims
  }

  public var attributes: [String: AttributeValue] { ["batch_dims": .int(batchDims)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "indices")
    try expectIndices(inputs[2], "axis")
    let type = inputs[0].dataType
    guard let extents = inputs[0].shape.extents, let places = inputs[1].shape.extents else { return [TensorType(type)] }
    guard let named = inputs[2].knownValue?.first else {
      return [TensorType(type, .unknown(rank: extents.count - 1 + places.count - batchDims))]
    }
    let axis = try resolve(axis: named, rank: extents.count)
    guard (0...min(axis, places.count)).contains(batchDims) else {
      throw GraphError("batch_dims (\(batchDims)) must be less than or equal to axis (\(axis))")
    }
    let batch = try Shape(Array(extents[..<batchDims])).mergedOrThrow(Shape(Array(places[..<batchDims])))
    let shape = (batch.extents ?? []) + extents[batchDims..<axis] + places[batchDims...] + extents[(axis + 1)...]
    return [TensorType(type, Shape(shape), value: gathered(inputs, rank: shape.count))]
  }

  /// Returns the elements that are picked out of a small integer vector.
  private func gathered(_ inputs: [TensorType], rank: Int) -> [Int?]? {
    guard let values = inputs[0].value, inputs[0].shape.rank == 1, let indices = inputs[1].knownValue else {
      return nil
    }
    return indices.map { values.indices.contains($0) ? values[$0] : nil }
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil] }
    let params = shape(node.inputs[0])
    return [apply(GatherGrad(batchDims: batchDims), params, node.inputs[1], node.inputs[2], dy), nil, nil]
  }
}

/// Returns a tensor of the shape that the first input names, to whose slices along an axis (third) that the second input
/// names those of the fourth are added: the gradient of `GatherV2`.
public struct GatherGrad: Operation {
  public static let tfName = "EspalierGatherGrad"
  /// The number of leading axes that both have in common.
  public let batchDims: Int

  public init(batchDims: Int) {
    self.batchDims = batchDims
  }

  public var attributes: [String: AttributeValue] { ["batch_dims": .int(batchDims)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    try expectIndices(inputs[0], "shape")
    let shape = inputs[0].value.map { Shape($0) } ?? inputs[0].shape[0].map { .unknown(rank: $0) } ?? .unknown
    return [TensorType(inputs[3].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dz = upstream[0] else { return [nil, nil, nil, nil] }
    return [nil, nil, nil, apply(GatherV2(batchDims: batchDims), dz, node.inputs[1], node.inputs[2])]
  }
}

/// Returns the elements or slices of the first input at the places that the rows of the second name.
public struct GatherNd: Operation {
  public static let tfName = "GatherNd"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[1], "indices")
    try expectRank(atLeast: 1, inputs[1])
    guard let extents = inputs[0].shape.extents, let places = inputs[1].shape.extents, let depth = places.last,
      let depth
    else { return [TensorType(inputs[0].dataType)] }
    guard depth <= extents.count else {
      throw GraphError("indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] = \(depth)")
    }
    return [TensorType(inputs[0].dataType, Shape(Array(places.dropLast() + extents[depth...])))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let extents = shape(node.inputs[0], outType: node.inputs[1].dataType)
    return [apply(ScatterNd(), node.inputs[1], dy, extents), nil]
  }
}

/// Returns a tensor of the shape that the third input names, to which the elements or slices of the second are added at
/// the places that the rows of the first name.
public struct ScatterNd: Operation {
  public static let tfName = "ScatterNd"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[0], "indices")
    try expectIndices(inputs[2], "shape")
    let shape = inputs[2].value.map { Shape($0) } ?? inputs[2].shape[0].map { .unknown(rank: $0) } ?? .unknown
    if let places = inputs[0].shape.extents, let extents = shape.extents, let depth = places.last, let depth {
      guard depth <= extents.count else {
        throw GraphError("Inner dimension of indices must not be greater than the rank of the output, but is \(depth)")
      }
      _ = try Shape(Array(places.dropLast() + extents[depth...])).mergedOrThrow(inputs[1].shape)
    }
    return [TensorType(inputs[1].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [nil, upstream[0].map { gatherNd($0, indices: node.inputs[0]) }, nil]
  }
}

/// Returns the slices of `x` along `axis` that `indices`, an integer tensor of any shape, names.
///
/// - Parameters:
///   - axis: Counted from the end if negative.
///   - batchDims: The number of leading axes that `x` and `indices` have in common.
///
/// An index out of range fails when the graph runs. Source: `tf.gather`.
public func gather(
  _ x: Tensor, indices: Tensor, axis: Int = 0, batchDims: Int = 0, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  applyWithConstants(GatherV2(batchDims: batchDims), on: x, indices, name: name, file: file, line: line) {
    [x, indices, constant(index: axis, name: "axis")]
  }
}

/// Returns the elements or slices of `x` at the places that the rows of `indices` name.
///
/// Source: `tf.gather_nd`.
public func gatherNd(
  _ x: Tensor, indices: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(GatherNd(), x, indices, name: name, file: file, line: line)
}

/// Returns zeros of this shape, to which `updates` are added at the places that the rows of `indices` name.
///
/// Source: `tf.scatter_nd`.
public func scatterNd(
  indices: Tensor, updates: Tensor, shape: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(ScatterNd(), on: indices, updates, name: name, file: file, line: line) {
    let extents = constant(indices: shape, name: "shape")
    return [indices, updates, cast(extents, to: indices.dataType)]
  }
}

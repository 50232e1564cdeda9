/// Returns the first input repeated along each axis as often as the second, an integer vector, says.
public struct Tile: Operation {
  public static let tfName = "Tile"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[1], "multiples")
    guard let rank = inputs[0].shape.rank ?? inputs[1].shape[0] else { return [TensorType(inputs[0].dataType)] }
    try expectRank(rank, inputs[0])
    if let length = inputs[1].shape[0], length != rank {
      throw GraphError("Shape must be rank \(length) but is rank \(rank)")
    }
    guard let multiples = inputs[1].value else { return [TensorType(inputs[0].dataType, .unknown(rank: rank))] }
    if let bad = multiples.compactMap({ $0 }).first(where: { $0 < 0 }) {
      throw GraphError("Expected multiples >= 0, but got \(bad)")
    }
    let extents = (0..<rank).map { axis in
      inputs[0].shape[axis].flatMap { extent in multiples[axis].map { $0 * extent } }
    }
    return followingValues(inputs, [TensorType(inputs[0].dataType, Shape(extents))])
  }

  /// The gradient is cut into [multiple, extent] along each axis, and the multiples are summed up.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let extents = shape(node.inputs[0], outType: node.inputs[1].dataType)
    guard let rank = node.inputs[0].shape.rank else {
      throw GraphError("the gradient of Tile needs a known rank")
    }
    let pairs = reshape(stack([node.inputs[1], extents], axis: 1), to: [-1])
    return [reduceSum(reshape(dy, to: pairs), axes: (0..<rank).map { 2 * $0 }), nil]
  }
}

extension Tile: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let source = Movement.Walk.rowMajor(inputs[0].extents)
    var extents: [Int] = []
    var strides: [Int] = []
    for ((extent, multiple), stride) in zip(zip(inputs[0].extents, inputs[1].knownValue ?? []), source.strides) {
      extents += [multiple, extent]
      strides += [0, stride]
    }
    return Movement(blocks: [.init(extents: extents, source: .init(strides: strides), destination: .rowMajor(extents))])
  }
}

/// Returns `x` repeated `multiples[k]` times along each axis k.
///
/// Source: `tf.tile`.
public func tile(
  _ x: Tensor, multiples: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Tile(), on: x, name: name, file: file, line: line) {
    [x, constant(indices: multiples, name: "multiples")]
  }
}

extension BroadcastTo: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = outputs[0].extents
    let own = inputs[0].extents
    var walk = Movement.Walk.rowMajor(own)
    for axis in own.indices where own[axis] == 1 { walk.strides[axis] = 0 }
    walk.strides.insert(contentsOf: [Int](repeating: 0, count: extents.count - own.count), at: 0)
    return Movement(blocks: [.init(extents: extents, source: walk, destination: .rowMajor(extents))])
  }
}

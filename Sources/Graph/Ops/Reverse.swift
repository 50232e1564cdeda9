/// Returns the first input walked backwards along the axes that the second, an integer vector, names.
public struct ReverseV2: Operation {
  public static let tfName = "ReverseV2"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    if let rank = inputs[0].shape.rank, let axes = try knownAxes(inputs[1], rank: rank), Set(axes).count < axes.count {
      throw GraphError("axis specified more than once in \(axes)")
    }
    return followingValues(inputs, [TensorType(inputs[0].dataType, inputs[0].shape)])
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(ReverseV2(), $0, node.inputs[1]) }, nil]
  }
}

extension ReverseV2: MovementOperation {
  package var constantInputs: [Int] { [1] }

  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = inputs[0].extents
    var source = Movement.Walk.rowMajor(extents)
    let axes = (try? knownAxes(inputs[1], rank: extents.count)) ?? []
    for axis in axes where extents[axis] > 0 {
      source.offset += (extents[axis] - 1) * source.strides[axis]
      source.strides[axis].negate()
    }
    return Movement(blocks: [.init(extents: extents, source: source, destination: .rowMajor(extents))])
  }
}

/// Returns `x` walked backwards along `axes`.
///
/// Source: `tf.reverse`.
public func reverse(
  _ x: Tensor, axes: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(ReverseV2(), on: x, name: name, file: file, line: line) {
    [x, constant(indices: axes, name: "axis")]
  }
}

/// Returns the first input moved along axes (third) by some places (second); what leaves at one end enters at the other.
public struct Roll: Operation {
  public static let tfName = "Roll"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "shift")
    try expectRank(atLeast: 1, inputs[0])
    _ = try inputs[1].shape.mergedOrThrow(inputs[2].shape)
    if let rank = inputs[0].shape.rank { _ = try knownAxes(inputs[2], rank: rank) }
    return followingValues(inputs, [TensorType(inputs[0].dataType, inputs[0].shape)])
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(Roll(), $0, -node.inputs[1], node.inputs[2]) }, nil, nil]
  }
}

extension Roll: MovementOperation {
  package var constantInputs: [Int] { [1, 2] }

  /// Each axis falls into two pieces that change places; every combination is a block.
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = inputs[0].extents
    let walk = Movement.Walk.rowMajor(extents)
    let axes = (try? knownAxes(inputs[2], rank: extents.count)) ?? []
    var shifts = [Int](repeating: 0, count: extents.count)
    for (axis, shift) in zip(axes, inputs[1].knownValue ?? []) { shifts[axis] += shift }
    var blocks = [Movement.Block(extents: [], source: .init(strides: []), destination: .init(strides: []))]
    for (axis, extent) in extents.enumerated() where extent > 0 {
      let shift = ((shifts[axis] % extent) + extent) % extent
      let pieces = [(0, shift, extent - shift), (extent - shift, 0, shift)].filter { $0.2 > 0 }
      blocks = blocks.flatMap { block in
        pieces.map { from, to, count in
          var result = block
          result.extents.append(count)
          result.source.offset += from * walk.strides[axis]
          result.source.strides.append(walk.strides[axis])
          result.destination.offset += to * walk.strides[axis]
          result.destination.strides.append(walk.strides[axis])
          return result
        }
      }
    }
    return Movement(blocks: extents.contains(0) ? [] : blocks)
  }
}

/// Returns `x` with its elements moved by `shifts` places along `axes`; what leaves at one end enters at the other.
///
/// Source: `tf.roll`.
public func roll(
  _ x: Tensor, shifts: [Int], axes: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Roll(), on: x, name: name, file: file, line: line) {
    [x, constant(indices: shifts, name: "shift"), constant(indices: axes, name: "axis")]
  }
}

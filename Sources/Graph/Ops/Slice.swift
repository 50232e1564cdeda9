/// Returns the block of the first input that begins at the place that the second names and has the extents of the third.
public struct SliceOperation: Operation {
  public static let tfName = "Slice"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "begin")
    try expectSameDataType(inputs[1], inputs[2])
    let lengths = try inputs[1].shape.mergedOrThrow(inputs[2].shape)
    guard let rank = inputs[0].shape.rank ?? lengths[0] else { return [TensorType(inputs[0].dataType)] }
    try expectRank(rank, inputs[0])
    if let length = lengths[0], length != rank {
      throw GraphError("Expected begin and size arguments to be 1-D tensors of size \(rank), but got \(length)")
    }
    var extents: [Int?] = []
    for axis in 0..<rank {
      extents.append(
        try extent(
          from: inputs[1].value.flatMap { $0[axis] }, size: inputs[2].value.flatMap { $0[axis] },
          of: inputs[0].shape[axis], axis))
    }
    let isPlaced = inputs[1].knownValue != nil
    let type = TensorType(inputs[0].dataType, Shape(extents))
    return isPlaced ? followingValues(inputs, [type]) : [type]
  }

  private func extent(from begin: Int?, size: Int?, of extent: Int?, _ axis: Int) throws(GraphError) -> Int? {
    if let begin, begin < 0 || extent.map({ begin > $0 }) ?? false {
      throw GraphError("Expected begin[\(axis)] in [0, \(extent ?? 0)], but got \(begin)")
    }
    guard let size else { return nil }
    guard size != -1 else { return begin.flatMap { from in extent.map { $0 - from } } }
    if size < -1 || begin.flatMap({ from in extent.map { from + size > $0 } }) ?? false {
      throw GraphError("Expected size[\(axis)] in [0, \((extent ?? 0) - (begin ?? 0))], but got \(size)")
    }
    return size
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil] }
    let begin = node.inputs[1]
    let extents = shape(node.inputs[0], outType: begin.dataType)
    let end = begin + shape(node.outputs[0], outType: begin.dataType)
    return [apply(StridedSliceGrad(SliceMasks()), extents, begin, end, ones(like: begin), dy), nil, nil]
  }
}

extension SliceOperation: MovementOperation {
  package var constantInputs: [Int] { [1] }

  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    var source = Movement.Walk.rowMajor(inputs[0].extents)
    let begin = inputs[1].knownValue ?? []
    source.offset = zip(begin, source.strides).reduce(0) { $0 + $1.0 * $1.1 }
    let extents = outputs[0].extents
    return Movement(blocks: [.init(extents: extents, source: source, destination: .rowMajor(extents))])
  }
}

/// Returns the block of `x` that begins at `begin` and has the extents `size`; -1 takes what is left.
///
/// Source: `tf.slice`.
public func slice(
  _ x: Tensor, begin: [Int], size: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(SliceOperation(), on: x, name: name, file: file, line: line) {
    [x, constant(indices: begin, name: "begin"), constant(indices: size, name: "size")]
  }
}

/// Returns the block of `x` that begins at `begin` and has the extents `size`, both integer vectors.
public func slice(
  _ x: Tensor, begin: Tensor, size: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(SliceOperation(), x, begin, size, name: name, file: file, line: line)
}

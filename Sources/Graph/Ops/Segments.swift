/// Combining the slices of a tensor that have the same number.

/// A combination of slices of the first input by numbers (second); slices with negative numbers are dropped. The third
/// input says how many results there are.
public protocol UnsortedSegmentOperation: Operation {}

extension UnsortedSegmentOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "segment_ids")
    try expectIndices(inputs[2], "num_segments")
    guard let extents = inputs[0].shape.extents, let ids = inputs[1].shape.extents else {
      return [TensorType(inputs[0].dataType)]
    }
    guard ids.count <= extents.count else {
      throw GraphError("Shape must be at least rank \(ids.count) but is rank \(extents.count)")
    }
    _ = try Shape(Array(extents[..<ids.count])).mergedOrThrow(Shape(ids))
    let count = inputs[2].knownValue?.first
    if let count, count < 0 { throw GraphError("Dimension size, given by scalar input 2 must be non-negative") }
    return [TensorType(inputs[0].dataType, Shape([count] + extents[ids.count...]))]
  }
}

/// Returns the sums of slices with the same number; 0 where there is none.
public struct UnsortedSegmentSum: UnsortedSegmentOperation {
  public static let tfName = "UnsortedSegmentSum"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil] }
    let ids = node.inputs[1]
    return [select(try isKept(ids, like: node.inputs[0]), gatherClipped(dy, ids), zero(like: dy)), nil, nil]
  }
}

/// Returns the largest of slices with the same number, element by element; the least number where there is none.
public struct UnsortedSegmentMax: UnsortedSegmentOperation {
  public static let tfName = "UnsortedSegmentMax"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [try extremeGradient(node, upstream[0]), nil, nil]
  }
}

/// Returns the smallest of slices with the same number, element by element; the largest number where there is none.
public struct UnsortedSegmentMin: UnsortedSegmentOperation {
  public static let tfName = "UnsortedSegmentMin"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [try extremeGradient(node, upstream[0]), nil, nil]
  }
}

extension Operation {
  /// Returns the slices of a result that each slice of the input went into; those that were dropped get any.
  fileprivate func gatherClipped(_ y: Tensor, _ ids: Tensor) -> Tensor {
    gather(y, indices: maximum(ids, 0))
  }

  fileprivate func zero(like x: Tensor) -> Tensor { constant(number: 0, like: x, name: "zero") }

  /// Returns which slices of `x` were not dropped, in a shape that is broadcast along them.
  fileprivate func isKept(_ ids: Tensor, like x: Tensor) throws(GraphError) -> Tensor {
    guard let rank = x.shape.rank, let depth = ids.shape.rank else {
      throw GraphError("the gradient of \(Self.tfName) needs known ranks")
    }
    let kept = greaterEqual(ids, zero(like: ids))
    return (depth..<rank).reduce(kept) { result, _ in expandDims(result, axis: -1) }
  }
}

extension UnsortedSegmentOperation {
  /// Elements that share the extreme share its gradient evenly.
  fileprivate func extremeGradient(_ node: Node, _ dy: Tensor?) throws(GraphError) -> Tensor? {
    guard let dy else { return nil }
    let (x, ids, count) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let isExtreme = logicalAnd(equal(x, gatherClipped(node.outputs[0], ids)), try isKept(ids, like: x))
    let ties = apply(UnsortedSegmentSum(), cast(isExtreme, to: x.dataType), ids, count)
    return select(isExtreme, gatherClipped(dy / ties, ids), zero(like: dy))
  }
}

/// Returns the sums of slices of the first input with the same number (second), which never falls; as many results as
/// the last number says.
public struct SegmentSum: Operation {
  public static let tfName = "SegmentSum"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[1], "segment_ids")
    try expectRank(1, inputs[1])
    try expectRank(atLeast: 1, inputs[0])
    guard let extents = inputs[0].shape.extents else { return [TensorType(inputs[0].dataType)] }
    _ = try Shape([extents[0]]).mergedOrThrow(inputs[1].shape)
    let count = inputs[1].knownValue.map { ($0.last ?? -1) + 1 }
    return [TensorType(inputs[0].dataType, Shape([count] + extents[1...]))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { gather($0, indices: node.inputs[1]) }, nil]
  }
}

/// Returns `[count, …]`: the sums of the slices of `x` whose number in `ids` is 0, 1…; negative numbers are dropped.
///
/// `ids` has the leading axes of `x`. Source: `tf.math.unsorted_segment_sum`.
public func unsortedSegmentSum(
  _ x: Tensor, ids: Tensor, count: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(UnsortedSegmentSum(), on: x, ids, name: name, file: file, line: line) {
    [x, ids, constant(index: count, name: "num_segments")]
  }
}

/// Returns `[count, …]`: the largest of the slices of `x` whose number in `ids` is 0, 1…, element by element.
///
/// Source: `tf.math.unsorted_segment_max`.
public func unsortedSegmentMax(
  _ x: Tensor, ids: Tensor, count: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(UnsortedSegmentMax(), on: x, ids, name: name, file: file, line: line) {
    [x, ids, constant(index: count, name: "num_segments")]
  }
}

/// Returns `[count, …]`: the smallest of the slices of `x` whose number in `ids` is 0, 1…, element by element.
///
/// Source: `tf.math.unsorted_segment_min`.
public func unsortedSegmentMin(
  _ x: Tensor, ids: Tensor, count: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(UnsortedSegmentMin(), on: x, ids, name: name, file: file, line: line) {
    [x, ids, constant(index: count, name: "num_segments")]
  }
}

/// Returns `[count, …]`: the mean of the slices of `x` whose number in `ids` is 0, 1…; 0 where there is none.
///
/// Source: `tf.math.unsorted_segment_mean`.
public func unsortedSegmentMean(
  _ x: Tensor, ids: Tensor, count: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("UnsortedSegmentMean", name, on: [x, ids], file, line) {
    guard let rank = x.shape.rank, let depth = ids.shape.rank else {
      return failedTensor("unsortedSegmentMean needs known ranks, not \(x.shape) and \(ids.shape)", in: x.graph)
    }
    let one = cast(ones(like: ids), to: x.dataType)
    let members = maximum(unsortedSegmentSum(one, ids: ids, count: count), 1)
    let column = (depth..<rank).reduce(members) { result, _ in expandDims(result, axis: -1) }
    return unsortedSegmentSum(x, ids: ids, count: count) / column
  }
}

/// Returns the sums of the slices of `x` whose number in `ids`, which never falls, is 0, 1…
///
/// How many there are is known when the graph runs, unless `ids` is constant. Source: `tf.math.segment_sum`.
public func segmentSum(
  _ x: Tensor, ids: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(SegmentSum(), x, ids, name: name, file: file, line: line)
}

/// Returns int32 `[classes, classes]`: how often label (row) and prediction (column) come together.
///
/// Source: `tf.math.confusion_matrix`.
public func confusionMatrix(
  labels: Tensor, predictions: Tensor, classes: Int, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("confusion_matrix", name, on: [labels, predictions], file, line) {
    let pairs = stack([cast(labels, to: .int64), cast(predictions, to: .int64)], axis: -1)
    let one = cast(ones(like: labels), to: .int32)
    return scatterNd(indices: pairs, updates: one, shape: [classes, classes])
  }
}

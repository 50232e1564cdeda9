/// Returns the largest elements along the last axis in falling order, as many as the second input says, and their
/// places; of equal ones the first comes first.
public struct TopKV2: Operation {
  public static let tfName = "TopKV2"
  /// Whether the elements must be in order.
  public let sorted: Bool

  public init(sorted: Bool = true) {
    self.sorted = sorted
  }

  public var attributes: [String: AttributeValue] { ["sorted": .bool(sorted)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric, "input")
    try expectIndices(inputs[1], "k")
    try expectRank(atLeast: 1, inputs[0])
    let k = inputs[1].knownValue?.first
    if let k, k < 0 { throw GraphError("Need k >= 0, got \(k)") }
    guard var extents = inputs[0].shape.extents else { return [TensorType(inputs[0].dataType), TensorType(.int32)] }
    if let k, let last = extents[extents.count - 1], last < k {
      throw GraphError("input must have last dimension >= k = \(k) but is \(last)")
    }
    extents[extents.count - 1] = k
    return [TensorType(inputs[0].dataType, Shape(extents)), TensorType(.int32, Shape(extents))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    guard let rank = x.shape.rank else { throw GraphError("the gradient of TopKV2 needs a known rank") }
    // The values are a gather along the last axis, each row for itself.
    let axis = constant(index: rank - 1, name: "axis")
    return [apply(GatherGrad(batchDims: rank - 1), shape(x), node.outputs[1], axis, dy), nil]
  }
}

/// Returns the `k` largest elements of `x` along its last axis, in falling order, and their places as int32.
///
/// Of equal elements the first comes first. Source: `tf.math.top_k`.
public func topK(
  _ x: Tensor, k: Int, sorted: Bool = true, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> (values: Tensor, indices: Tensor) {
  let both = applyWithConstants(TopKV2(sorted: sorted), on: [x], name: name, outputs: 2, file: file, line: line) {
    [x, constant(index: k, name: "k")]
  }
  return (both[0], both[1])
}

/// The order of sorted elements.
public enum SortDirection: String, Hashable, Sendable {
  case ascending = "ASCENDING"
  case descending = "DESCENDING"
}

/// Returns the elements of `x` in order along `axis`.
///
/// Source: `tf.sort`.
public func sort(
  _ x: Tensor, axis: Int = -1, direction: SortDirection = .ascending, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("sort", name, on: [x], file, line) {
    ordered(x, axis, direction) { $0.values }
  }
}

/// Returns the places of the elements of `x`, as int32, in the order of the elements along `axis`.
///
/// Of equal elements the first comes first. Source: `tf.argsort`.
public func argSort(
  _ x: Tensor, axis: Int = -1, direction: SortDirection = .ascending, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("argsort", name, on: [x], file, line) {
    ordered(x, axis, direction) { $0.indices }
  }
}

/// Returns what `part` takes of all elements of `x` in order along `axis`.
private func ordered(
  _ x: Tensor, _ axis: Int, _ direction: SortDirection, _ part: ((values: Tensor, indices: Tensor)) -> Tensor
) -> Tensor {
  guard let rank = x.shape.rank, (-rank..<rank).contains(axis) else {
    return failedTensor("cannot sort shape \(x.shape) along axis \(axis)", in: x.graph)
  }
  var order = Array(0..<rank)
  order.swapAt(axis < 0 ? axis + rank : axis, rank - 1)
  let isLast = order[rank - 1] == rank - 1
  let rows = isLast ? x : transpose(x, order: order)
  let count = shape(rows)[-1]
  let keys = direction == .descending ? rows : mirrored(rows)
  let both = apply(TopKV2(), to: [keys, count], outputs: 2)
  let taken = part((both[0], both[1]))
  let isValues = taken == both[0]
  let result = isValues && direction == .ascending ? mirrored(taken) : taken
  return isLast ? result : transpose(result, order: order)
}

/// Returns numbers in the opposite order: the negative, of integers one less, which has no overflow.
private func mirrored(_ x: Tensor) -> Tensor {
  guard x.dataType.isInteger else { return -x }
  if DataType.signed.contains(x.dataType) { return -x - 1 }
  return constant(number: x.dataType.limits?.most ?? 0, like: x, name: "largest") - x
}

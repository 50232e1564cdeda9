/// Returns exp(`x`) / Σ exp(`x`) of each row: the last axis.
public struct Softmax: UnaryOperation {
  public static let tfName = "Softmax"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [try rowsType(inputs)] }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    (dy - reduceSum(dy * y, axes: [-1], keepDims: true)) * y
  }
}

/// Returns the logarithm of the softmax of each row: the last axis.
public struct LogSoftmax: UnaryOperation {
  public static let tfName = "LogSoftmax"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [try rowsType(inputs)] }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    dy - exp(y) * reduceSum(dy, axes: [-1], keepDims: true)
  }
}

extension Operation {
  fileprivate func rowsType(_ inputs: [TensorType]) throws(GraphError) -> TensorType {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.computedFloats, "logits")
    try expectRank(atLeast: 1, inputs[0])
    return TensorType(inputs[0].dataType, inputs[0].shape)
  }
}

/// Returns exp(`x`) / Σ exp(`x`), of the shape of `x`, whose sums along `axis` are 1.
///
/// Source: `tf.nn.softmax`.
public func softmax(
  _ x: Tensor, axis: Int = -1, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) { alongLastAxis(Softmax(), x, axis: axis, name: name) }
}

/// Returns the logarithm of the softmax of `x` along `axis`, of the shape of `x`.
///
/// Source: `tf.nn.log_softmax`.
public func logSoftmax(
  _ x: Tensor, axis: Int = -1, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) { alongLastAxis(LogSoftmax(), x, axis: axis, name: name) }
}

/// Returns what an operation on the last axis makes of another one, which is swapped with it meanwhile.
private func alongLastAxis(_ operation: some Operation, _ x: Tensor, axis: Int, name: String?) -> Tensor {
  guard !x.isPoisoned, axis != -1, x.shape.rank != 0 else { return apply(operation, x, name: name) }
  guard let rank = x.shape.rank else {
    return failedTensor("an axis other than -1 (here \(axis)) needs a tensor of known rank", in: x.graph)
  }
  guard (-rank..<rank).contains(axis) else {
    return failedTensor("Dimension \(axis) must be in the range [\(-rank), \(rank))", in: x.graph)
  }
  let index = axis < 0 ? axis + rank : axis
  guard index < rank - 1 else { return apply(operation, x, name: name) }
  var swapped = Array(0..<rank)
  swapped.swapAt(index, rank - 1)
  return transpose(apply(operation, transpose(x, order: swapped), name: name), order: swapped)
}

/// Returns the cross-entropy of rows of logits with distributions, and its gradient with respect to the logits.
///
/// Inputs: logits and labels `[N, C]`. Outputs: losses `[N]` and the gradient `[N, C]`.
public struct SoftmaxCrossEntropy: Operation {
  public static let tfName = "SoftmaxCrossEntropyWithLogits"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: DataType.computedFloats, "features")
    try expectSameDataType(inputs[0], inputs[1])
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
      throw GraphError(
        "logits and labels must be broadcastable: logits_size=\(inputs[0].shape) labels_size=\(inputs[1].shape)")
    }
    let rows = TensorType(inputs[0].dataType, shape)
    try expectRank(2, rows)
    return [TensorType(rows.dataType, [shape[0]]), rows]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    let (x, labels) = (node.inputs[0], node.inputs[1])
    let forLogits = gradientOfLogits(node, upstream, logits: x)
    let ofLoss = upstream[0].map { expandDims($0, axis: 1) * -logSoftmax(x) }
    let forLabels = [ofLoss, upstream[1].map { -$0 }].compactMap { $0 }
    return [
      forLogits.map { sum($0, downTo: x) },
      forLabels.first.map { first in sum(forLabels.dropFirst().reduce(first, +), downTo: labels) },
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard inputs[0].shape != inputs[1].shape else { return nil }
    let whole = inputs[0].shape.broadcast(with: inputs[1].shape)?.known ?? []
    return apply(self, to: inputs.map { broadcast($0, to: shapeConstant(whole)) }, outputs: 2)
  }
}

/// Returns the cross-entropy of rows of logits with classes, and its gradient with respect to the logits.
///
/// Inputs: logits `[N, C]` and labels `[N]`, integers in 0 ..< C; others are an error of the run. Outputs: losses `[N]`
/// and the gradient `[N, C]`.
public struct SparseSoftmaxCrossEntropy: Operation {
  public static let tfName = "SparseSoftmaxCrossEntropyWithLogits"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: DataType.computedFloats, "features")
    try expect(inputs[1], isOneOf: [.int32, .int64], "labels")
    try expectRank(2, inputs[0])
    try expectRank(1, inputs[1])
    try expectEqual(inputs[0].shape[0], inputs[1].shape[0])
    let rows = inputs[0].shape[0] ?? inputs[1].shape[0]
    let dataType = inputs[0].dataType
    return [TensorType(dataType, [rows]), TensorType(dataType, [rows, inputs[0].shape[1]])]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [gradientOfLogits(node, upstream, logits: node.inputs[0]), nil]
  }
}

/// Returns the gradient of a cross-entropy: of its loss, and of its own gradient, which is softmax(x) plus a constant.
private func gradientOfLogits(_ node: Node, _ upstream: [Tensor?], logits: Tensor) -> Tensor? {
  let first = upstream[0].map { expandDims($0, axis: 1) * node.outputs[1] }
  let second = upstream[1].map { g in
    let y = softmax(logits)
    return (g - reduceSum(g * y, axes: [-1], keepDims: true)) * y
  }
  guard let first, let second else { return first ?? second }
  return first + second
}

/// Returns −Σ `labels` · log softmax(`logits`) of each row, of the shape of `logits` without its last axis.
///
/// - Parameters:
///   - labels: Distributions `[…, C]`; gradients flow into them too.
///   - logits: `[…, C]`, unnormalised.
///
/// Source: `tf.nn.softmax_cross_entropy_with_logits_v2`.
public func softmaxCrossEntropyWithLogits(
  labels: Tensor, logits: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("softmax_cross_entropy_with_logits", name, on: [labels, logits], file, line) {
    if (logits.shape.rank ?? 2) == 2, (labels.shape.rank ?? 2) == 2 {
      return apply(SoftmaxCrossEntropy(), to: [logits, labels], name: name, outputs: 2)[0]
    }
    let rows = [logits, labels].map { asRows($0) }
    return reshape(apply(SoftmaxCrossEntropy(), to: rows, outputs: 2)[0], to: leadingShape(logits))
  }
}

/// Returns −log softmax(`logits`) of each row at its label, of the shape of `labels`.
///
/// - Parameters:
///   - labels: Classes `[…]`, int32 or int64, in 0 ..< C. Others are an error of the run, which names the label.
///   - logits: `[…, C]`, unnormalised.
///
/// Source: `tf.nn.sparse_softmax_cross_entropy_with_logits`.
public func sparseSoftmaxCrossEntropyWithLogits(
  labels: Tensor, logits: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("SparseSoftmaxCrossEntropyWithLogits", name, on: [labels, logits], file, line) {
    if let rank = labels.shape.rank, let columns = logits.shape.rank, rank != columns - 1 {
      return failedTensor(
        "Rank mismatch: Rank of labels (received \(rank)) should equal rank of logits minus 1 (received \(columns)).",
        in: logits.graph)
    }
    if (logits.shape.rank ?? 2) == 2 {
      return apply(SparseSoftmaxCrossEntropy(), to: [logits, labels], name: name, outputs: 2)[0]
    }
    let rows = [asRows(logits), reshape(labels, to: [-1])]
    return reshape(apply(SparseSoftmaxCrossEntropy(), to: rows, outputs: 2)[0], to: shape(labels))
  }
}

/// Returns `x` with all axes but the last made one.
private func asRows(_ x: Tensor) -> Tensor {
  guard let rank = x.shape.rank, x.shape[-1] == nil else { return reshape(x, to: [-1, x.shape[-1] ?? 1]) }
  let columns = slice(shape(x), begin: [rank - 1], size: [1])
  return reshape(x, to: concat([shapeConstant([-1]), columns], axis: 0))
}

/// Returns the extents of `x` without the last one, as an integer vector.
private func leadingShape(_ x: Tensor) -> Tensor {
  if let known = x.shape.known { return shapeConstant(known.dropLast()) }
  return slice(shape(x), begin: [0], size: [(x.shape.rank ?? 1) - 1])
}

/// Returns the cross-entropy of independent events with logits, elementwise.
///
///     −labels · log σ(logits) − (1 − labels) · log(1 − σ(logits))
///
/// - Parameters:
///   - labels: Probabilities, of the shape of `logits`.
///
/// Source: `tf.nn.sigmoid_cross_entropy_with_logits`.
public func sigmoidCrossEntropyWithLogits(
  labels: Tensor, logits: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("logistic_loss", name, on: [labels, logits], file, line) {
    if let problem = mismatch(labels, logits) { return failedTensor(problem, in: logits.graph) }
    let zero = constant(number: 0, like: logits)
    let isPositive = greaterEqual(logits, zero)
    // With select, not relu and abs, whose gradients at 0 do not add up to σ(0) − labels.
    let negative = select(isPositive, -logits, logits)
    return select(isPositive, logits, zero) - logits * labels + log1p(exp(negative))
  }
}

/// Returns the cross-entropy of independent events with logits, with the positive ones weighted, elementwise.
///
///     −weight · labels · log σ(logits) − (1 − labels) · log(1 − σ(logits))
///
/// - Parameter positiveWeight: Above 1 it finds more of the positive ones, below 1 it is more careful.
///
/// Source: `tf.nn.weighted_cross_entropy_with_logits`.
public func weightedCrossEntropyWithLogits(
  labels: Tensor, logits: Tensor, positiveWeight: Double, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("logistic_loss", name, on: [labels, logits], file, line) {
    if let problem = mismatch(labels, logits) { return failedTensor(problem, in: logits.graph) }
    let weight = 1 + (positiveWeight - 1) * labels
    return (1 - labels) * logits + weight * softplus(-logits)
  }
}

private func mismatch(_ labels: Tensor, _ logits: Tensor) -> String? {
  if labels.shape.isCompatible(with: logits.shape) { return nil }
  return "logits and labels must have the same shape (\(logits.shape.tuple) vs \(labels.shape.tuple))"
}

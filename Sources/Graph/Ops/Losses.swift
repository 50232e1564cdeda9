/// Returns half the sum of squares of all elements.
public struct L2Loss: UnaryOperation {
  public static let tfName = "L2Loss"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.computedFloats, "t")
    return [TensorType(inputs[0].dataType, .scalar)]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { x * dy }
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [reduceSum(inputs[0] * inputs[0]) * 0.5] }
}

/// Returns Σ `x`² / 2, a scalar.
///
/// Source: `tf.nn.l2_loss`.
public func l2Loss(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(L2Loss(), x, name: name, file: file, line: line)
}

/// Returns for each row whether the target's prediction is among the k greatest.
///
/// Inputs: predictions `[N, C]`, targets `[N]`, k.
public struct InTopK: NonDifferentiable {
  public static let tfName = "InTopKV2"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: [.float32], "predictions")
    try expect(inputs[1], isOneOf: [.int32, .int64], "targets")
    try expect(inputs[2], isOneOf: [inputs[1].dataType], "k")
    try expectRank(2, inputs[0])
    try expectRank(1, inputs[1])
    try expectRank(0, inputs[2])
    try expectEqual(inputs[0].shape[0], inputs[1].shape[0])
    return [TensorType(.bool, [inputs[0].shape[0] ?? inputs[1].shape[0]])]
  }
}

/// Returns for each row whether fewer than `k` predictions are greater than that of the target, of shape `[N]`.
///
/// Ties count as in. A target out of range, or one whose prediction is not finite, is not in.
///
/// - Parameters:
///   - predictions: `[N, C]`, float32.
///   - targets: Classes `[N]`, int32 or int64.
///
/// Source: `tf.math.in_top_k`.
public func inTopK(
  predictions: Tensor, targets: Tensor, k: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(InTopK(), on: predictions, targets, name: name ?? "in_top_k", file: file, line: line) {
    [predictions, targets, constant(number: Double(k), like: targets, name: "k")]
  }
}

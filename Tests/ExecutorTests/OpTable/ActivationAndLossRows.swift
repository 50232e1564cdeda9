import EspalierGraph

extension OperationTable {
  /// Returns a row for a function of one tensor, away from a kink at 0.
  private static func pointwise(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) -> OperationRow {
    OperationRow(name, [[3, 5]], sample: { $0.awayFromZero(0.05...3) }, build: { [function($0[0])] })
  }

  static let activations: [OperationRow] = [
    pointwise("relu") { relu($0) },
    pointwise("relu6") { relu6(3 * $0) },
    pointwise("leakyRelu") { leakyRelu($0, alpha: 0.3) },
    pointwise("crelu") { crelu($0) },
    pointwise("elu") { elu($0) },
    pointwise("selu") { selu($0) },
    pointwise("sigmoid") { sigmoid($0) },
    pointwise("tanh") { tanh($0) },
    pointwise("softplus") { softplus($0) },
    pointwise("softsign") { softsign($0) },
    pointwise("swish") { swish($0) },
    pointwise("gelu") { gelu($0) },
    pointwise("gelu, approximate") { gelu($0, approximate: true) },
    pointwise("logSigmoid") { logSigmoid($0) },
  ]

  static let losses: [OperationRow] = [
    OperationRow("softmax", [[3, 5]]) { [softmax($0[0])] },
    OperationRow("softmax along axis 1", [[3, 5, 4]]) { [softmax($0[0], axis: 1)] },
    OperationRow("logSoftmax", [[3, 5]]) { [logSoftmax($0[0])] },
    OperationRow("softmaxCrossEntropy", [[3, 5], [3, 5]]) { inputs in
      // Distributions: the formula of the gradient is for labels that sum to 1.
      [softmaxCrossEntropyWithLogits(labels: softmax(inputs[1]), logits: inputs[0])]
    },
    OperationRow("sparseSoftmaxCrossEntropy", [[3, 5]]) {
      [sparseSoftmaxCrossEntropyWithLogits(labels: constant([4, 0, 2] as [Int32]), logits: $0[0])]
    },
    OperationRow("sparseSoftmaxCrossEntropy of rank 3", [[2, 3, 5]]) {
      let labels = constant([4, 0, 2, 1, 1, 3] as [Int64], shape: [2, 3])
      return [sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: $0[0])]
    },
    OperationRow("sigmoidCrossEntropy", [[3, 5], [3, 5]]) {
      [sigmoidCrossEntropyWithLogits(labels: $0[1], logits: $0[0])]
    },
    OperationRow("weightedCrossEntropy", [[3, 5], [3, 5]]) {
      [weightedCrossEntropyWithLogits(labels: $0[1], logits: $0[0], positiveWeight: 2.5)]
    },
    OperationRow("l2Loss", [[3, 5]]) { [l2Loss($0[0])] },
    OperationRow("InTopKV2", [.distinct(3, 5), .integers(3, in: 0..<5)], order: 0) {
      [inTopK(predictions: cast($0[0], to: .float32), targets: $0[1], k: 2)]
    },
  ]
}

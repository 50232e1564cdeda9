import EspalierGraph

extension Cases {
  /// Returns a build of a function of `x`.
  private static func function(_ body: @escaping @Sendable (Tensor) -> Tensor) -> Builder {
    { o in ["y": body(try o.tensor("x"))] }
  }

  static let activations: [String: Builder] = [
    "relu": function { relu($0) },
    "relu6": function { relu6($0) },
    "leaky_relu": { o in ["y": leakyRelu(try o.tensor("x"), alpha: try o.double("alpha"))] },
    "crelu": function { crelu($0) },
    "sigmoid": function { sigmoid($0) },
    "tanh": function { tanh($0) },
    "softplus": function { softplus($0) },
    "softsign": function { softsign($0) },
    "elu": function { elu($0) },
    "selu": function { selu($0) },
    "swish": function { swish($0) },
    "gelu": function { gelu($0) },
    "gelu_tanh": function { gelu($0, approximate: true) },
    "log_sigmoid": function { logSigmoid($0) },
  ]

  static let losses: [String: Builder] = [
    "Softmax": { o in ["y": softmax(try o.tensor("x"), axis: try o.int("axis"))] },
    "LogSoftmax": { o in ["y": logSoftmax(try o.tensor("x"), axis: try o.int("axis"))] },
    "SparseSoftmaxCrossEntropyWithLogits": { o in
      ["y": sparseSoftmaxCrossEntropyWithLogits(labels: try o.tensor("labels"), logits: try o.tensor("logits"))]
    },
    "SoftmaxCrossEntropyWithLogits": { o in
      ["y": softmaxCrossEntropyWithLogits(labels: try o.tensor("labels"), logits: try o.tensor("logits"))]
    },
    "sigmoid_cross_entropy_with_logits": { o in
      ["y": sigmoidCrossEntropyWithLogits(labels: try o.tensor("labels"), logits: try o.tensor("logits"))]
    },
    "weighted_cross_entropy_with_logits": { o in
      let y = weightedCrossEntropyWithLogits(
        labels: try o.tensor("labels"), logits: try o.tensor("logits"), positiveWeight: try o.double("pos_weight"))
      return ["y": y]
    },
    "L2Loss": function { l2Loss($0) },
    "InTopKV2": { o in
      ["y": inTopK(predictions: try o.tensor("predictions"), targets: try o.tensor("targets"), k: try o.int("k"))]
    },
  ]
}

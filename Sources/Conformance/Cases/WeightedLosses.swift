import EspalierGraph
import EspalierLayers

extension Cases {
  static let weightedLosses: [String: Builder] = [
    "losses.sparse_softmax_cross_entropy": { o in
      let y = Losses.sparseSoftmaxCrossEntropy(
        labels: try o.tensor("labels"), logits: try o.tensor("logits"), weights: weights(o), reduction: try reduction(o)
      )
      return ["y": y]
    },
    "losses.softmax_cross_entropy": { o in
      let y = Losses.softmaxCrossEntropy(
        oneHotLabels: try o.tensor("onehot_labels"), logits: try o.tensor("logits"), weights: weights(o),
        labelSmoothing: try o.double("label_smoothing"), reduction: try reduction(o))
      return ["y": y]
    },
    "losses.sigmoid_cross_entropy": { o in
      let y = Losses.sigmoidCrossEntropy(
        multiClassLabels: try o.tensor("labels"), logits: try o.tensor("logits"), weights: weights(o),
        labelSmoothing: try o.double("label_smoothing"), reduction: try reduction(o))
      return ["y": y]
    },
    "losses.hinge_loss": { o in
      let y = Losses.hinge(
        labels: try o.tensor("labels"), logits: try o.tensor("predictions"), weights: weights(o),
        reduction: try reduction(o))
      return ["y": y]
    },
    "losses.huber_loss": comparison { labels, predictions, weights, reduction, o in
      Losses.huber(
        labels: labels, predictions: predictions, weights: weights, delta: try o.double("delta"), reduction: reduction)
    },
    "losses.mean_squared_error": comparison { labels, predictions, weights, reduction, _ in
      Losses.meanSquaredError(labels: labels, predictions: predictions, weights: weights, reduction: reduction)
    },
    "losses.absolute_difference": comparison { labels, predictions, weights, reduction, _ in
      Losses.absoluteDifference(labels: labels, predictions: predictions, weights: weights, reduction: reduction)
    },
    "losses.log_loss": comparison { labels, predictions, weights, reduction, _ in
      Losses.log(labels: labels, predictions: predictions, weights: weights, reduction: reduction)
    },
  ]

  /// Returns a build of a loss of labels and predictions.
  private static func comparison(
    _ body:
      @escaping @Sendable (
        _ labels: Tensor, _ predictions: Tensor, _ weights: any TensorConvertible, Losses.Reduction, Operands
      ) throws -> Tensor
  ) -> Builder {
    { o in ["y": try body(try o.tensor("labels"), try o.tensor("predictions"), weights(o), try reduction(o), o)] }
  }

  private static func weights(_ operands: Operands) -> any TensorConvertible { operands.tensors["weights"] ?? 1.0 }

  private static func reduction(_ operands: Operands) throws(ConformanceError) -> Losses.Reduction {
    switch try operands.string("reduction") {
    case "NONE": return .none
    case "SUM": return .sum
    case "MEAN": return .mean
    case "SUM_BY_NONZERO_WEIGHTS": return .sumByNonzeroWeights
    case let other: throw ConformanceError("there is no reduction \(other)")
    }
  }
}

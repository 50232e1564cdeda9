import EspalierGraph

extension Losses {
  /// Returns the mean cross-entropy of class probabilities, given as logits, and the true classes.
  ///
  /// - Parameters:
  ///   - labels: The true classes, integers `[N]` or `[N, 1]`, from 0 up to the number of classes.
  ///   - logits: `[N, classes]`.
  ///   - weights: A scalar, `[N]` or `[N, 1]`.
  ///
  /// Source: `tf.losses.sparse_softmax_cross_entropy`.
  public static func sparseSoftmaxCrossEntropy(
    labels: Tensor, logits: Tensor, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    building(in: logits.graph, file, line) {
      if labels.isPoisoned || logits.isPoisoned { return labels.isPoisoned ? labels : logits }
      return nameScope(name ?? "sparse_softmax_cross_entropy_loss") {
        let classes = squeezed(labels, toRank: logits.shape.rank.map { $0 - 1 })
        let losses = sparseSoftmaxCrossEntropyWithLogits(labels: classes, logits: logits, name: "xentropy")
        let fitted = (weights as? Tensor).map { squeezed($0, toRank: losses.shape.rank) }
        return reduce(losses, fitted ?? weights, collection, reduction)
      }
    }
  }

  /// Returns `x` without its last axis if that has extent 1 and the rank is one too high.
  static func squeezed(_ x: Tensor, toRank rank: Int?) -> Tensor {
    guard let rank, let own = x.shape.rank, own == rank + 1, rank > 0, x.shape[-1] ?? 1 == 1 else { return x }
    return squeeze(x, axes: [-1])
  }

  /// Returns the mean cross-entropy of class probabilities, given as logits, and the true probabilities.
  ///
  /// - Parameters:
  ///   - oneHotLabels: The true probabilities of the classes, `[N, classes]`.
  ///   - logits: `[N, classes]`.
  ///   - weights: A scalar or `[N]`.
  ///   - labelSmoothing: The share of probability that is spread evenly over all classes.
  ///
  /// Source: `tf.losses.softmax_cross_entropy`.
  public static func softmaxCrossEntropy(
    oneHotLabels: Tensor, logits: Tensor, weights: any TensorConvertible = 1.0, labelSmoothing: Double = 0,
    name: String? = nil, collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("softmax_cross_entropy_loss", of: logits, against: oneHotLabels, options) { logits, labels in
      let smoothed = smooth(labels, by: labelSmoothing, classes: logits.shape[-1])
      return softmaxCrossEntropyWithLogits(labels: smoothed, logits: logits, name: "xentropy")
    }
  }

  private static func smooth(_ labels: Tensor, by share: Double, classes: Int?) -> Tensor {
    if share == 0 { return labels }
    guard let classes, classes > 0 else { return failedTensor("label smoothing needs a known number of classes") }
    return labels * (1 - share) + share / Double(classes)
  }

  /// Returns the mean cross-entropy of independent probabilities, given as logits, and the true ones.
  ///
  /// - Parameters:
  ///   - multiClassLabels: The true probabilities, `[N, classes]`.
  ///   - logits: Of the same shape.
  ///   - labelSmoothing: The share by which the labels are moved towards ½.
  ///
  /// Source: `tf.losses.sigmoid_cross_entropy`.
  public static func sigmoidCrossEntropy(
    multiClassLabels: Tensor, logits: Tensor, weights: any TensorConvertible = 1.0, labelSmoothing: Double = 0,
    name: String? = nil, collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("sigmoid_cross_entropy_loss", of: logits, against: multiClassLabels, options) { logits, labels in
      let smoothed = labelSmoothing == 0 ? labels : labels * (1 - labelSmoothing) + 0.5 * labelSmoothing
      return sigmoidCrossEntropyWithLogits(labels: smoothed, logits: logits, name: "xentropy")
    }
  }

  /// Returns the mean cross-entropy of predicted probabilities of one event and whether it happened.
  ///
  /// - Parameters:
  ///   - labels: 0 or 1, of any shape.
  ///   - predictions: Probabilities of the same shape.
  ///   - epsilon: Keeps the logarithm from zero.
  ///
  /// Source: `tf.losses.log_loss`.
  public static func log(
    labels: Tensor, predictions: Tensor, weights: any TensorConvertible = 1.0, epsilon: Double = 1e-7,
    name: String? = nil, collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("log_loss", of: predictions, against: labels, options) { predictions, labels in
      let whenTrue = labels * EspalierGraph.log(predictions + epsilon)
      let whenFalse = (1 - labels) * EspalierGraph.log(1 - predictions + epsilon)
      return -whenTrue - whenFalse
    }
  }
}

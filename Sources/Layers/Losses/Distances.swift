import EspalierGraph

extension Losses {
  /// Returns the mean of the squared differences of predictions and labels.
  ///
  /// Source: `tf.losses.mean_squared_error`.
  public static func meanSquaredError(
    labels: Tensor, predictions: Tensor, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("mean_squared_error", of: predictions, against: labels, options) { squaredDifference($0, $1) }
  }

  /// Returns the mean of the absolute differences of predictions and labels.
  ///
  /// Source: `tf.losses.absolute_difference`.
  public static func absoluteDifference(
    labels: Tensor, predictions: Tensor, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("absolute_difference", of: predictions, against: labels, options) { abs($0 - $1) }
  }

  /// Returns the mean of half the squared differences, where they are at most `delta`, and a linear continuation
  /// beyond that: d²/2 up to δ, then δ·(|d| − δ/2).
  ///
  /// Source: `tf.losses.huber_loss`.
  public static func huber(
    labels: Tensor, predictions: Tensor, weights: any TensorConvertible = 1.0, delta: Double = 1,
    name: String? = nil, collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("huber_loss", of: predictions, against: labels, options) { predictions, labels in
      let distance = abs(predictions - labels)
      let near = minimum(distance, delta)
      return 0.5 * square(near) + delta * (distance - near)
    }
  }

  /// Returns the mean of max(0, 1 − t·`logits`), t = ±1 for labels 1 and 0.
  ///
  /// Source: `tf.losses.hinge_loss`.
  public static func hinge(
    labels: Tensor, logits: Tensor, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("hinge_loss", of: logits, against: labels, options) { logits, labels in
      relu(1 - (2 * labels - 1) * logits)
    }
  }

  /// Returns the mean of 1 minus the scalar product along an axis of vectors that have unit length.
  ///
  /// Source: `tf.losses.cosine_distance`.
  public static func cosineDistance(
    labels: Tensor, predictions: Tensor, axis: Int, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: weights, name: name, collection: collection, reduction: reduction, file: file, line: line)
    return loss("cosine_distance_loss", of: predictions, against: labels, options) { predictions, labels in
      1 - reduceSum(predictions * labels, axes: [axis], keepDims: true)
    }
  }
}

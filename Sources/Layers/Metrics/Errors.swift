import EspalierGraph

extension Metrics {
  /// Returns one less the mean of the products of labels and predictions along an axis, which are vectors of length 1.
  ///
  /// - Parameters:
  ///   - axis: The axis of the vectors.
  ///   - weights: A scalar, or of the same rank with extent 1 in `axis`.
  ///
  /// Source: `tf.metrics.mean_cosine_distance`.
  public static func meanCosineDistance(
    labels: Tensor, predictions: Tensor, axis: Int, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_cosine_distance", name, on: [labels, predictions], file, line) {
      let products = cast(predictions, to: .float32) * cast(labels, to: .float32)
      let likeness = mean(reduceSum(products, axes: [axis], keepDims: true), weights)
      return Metric(value: 1 - likeness.value, update: 1 - likeness.update)
    }
  }

  /// Returns the mean of absolute differences over `normalizer`; 0 where that is 0.
  ///
  /// - Parameter normalizer: Of the same shape as the predictions.
  ///
  /// Source: `tf.metrics.mean_relative_error`.
  public static func meanRelativeError(
    labels: Tensor, predictions: Tensor, normalizer: Tensor, weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_relative_error", name, on: [labels, predictions, normalizer], file, line) {
      let predictions = cast(predictions, to: .float32)
      let (labels, aligned) = aligned(cast(labels, to: .float32), predictions)
      return mean(divideNoNaN(abs(labels - aligned), cast(normalizer, to: .float32)), weights)
    }
  }

  /// Returns the mean of each element of tensors of one shape; 0 where all weights were.
  ///
  /// Source: `tf.metrics.mean_tensor`.
  public static func meanTensor(
    _ values: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil, file: StaticString = #fileID,
    line: Int = #line
  ) -> Metric {
    scope("mean", name, on: [values], file, line) {
      guard let extents = values.shape.known else {
        let failed = failedTensor("mean_tensor needs a known shape, not \(values.shape)")
        return Metric(value: failed, update: failed)
      }
      let values = cast(values, to: .float32)
      let total = sum("total_tensor", shape: extents)
      let count = sum("count_tensor", shape: extents)
      let weights = weights.map { broadcastWeights($0, to: values) }
      let newTotal = total.assignAdd(weights.map { values * $0 } ?? values)
      let newCount = count.assignAdd(weights ?? ones(like: values))
      return Metric(
        value: divideNoNaN(total.value, count.value, name: "value"),
        update: divideNoNaN(newTotal, newCount, name: "update_op"))
    }
  }
}

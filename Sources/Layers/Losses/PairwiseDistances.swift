import EspalierGraph

extension Losses {
  /// Returns the sum over examples of the mean squared difference, between all pairs of an example's elements, of how far
  /// apart they are in the predictions and in the labels.
  ///
  /// - Parameters:
  ///   - labels: `[N, …]`.
  ///   - predictions: Of the same shape.
  ///   - weights: A scalar, or of the same rank with each extent 1 or that of the labels. Elements that weigh 0 are not
  ///     counted.
  ///
  /// Source: `tf.losses.mean_pairwise_squared_error`.
  public static func meanPairwiseSquaredError(
    labels: Tensor, predictions: Tensor, weights: any TensorConvertible = 1.0, name: String? = nil,
    collection: CollectionKey? = .losses, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let options = LossOptions(
      weights: 1.0, name: name, collection: collection, reduction: .sum, file: file, line: line)
    return loss("mean_pairwise_squared_error", of: predictions, against: labels, options) { predictions, labels in
      let weights = weights.tensor(of: predictions.dataType, name: "weights")
      if let message = mismatch(of: weights.shape, with: predictions.shape) { return failedTensor(message) }
      guard let rank = predictions.shape.rank, rank > 0 else {
        return failedTensor("mean_pairwise_squared_error needs a known rank above 0, not \(predictions.shape)")
      }
      return pairwise(predictions - labels, weights, axes: Array(1..<rank))
    }
  }

  /// Σᵢⱼ (dᵢ − dⱼ)² over the n (n − 1) pairs is 2 Σd² / (n − 1) − 2 (Σd)² / (n (n − 1)).
  private static func pairwise(_ differences: Tensor, _ weights: Tensor, axes: [Int]) -> Tensor {
    func sum(_ x: Tensor) -> Tensor { reduceSum(x, axes: axes, keepDims: true) }
    let present = broadcast(
      cast(notEqual(weights, zeros(like: weights)), to: differences.dataType), to: shape(differences))
    let count = sum(present)
    let others = maximum(count - 1, 0)
    let squares = 2 * divideNoNaN(sum(square(differences)), others)
    let common = 2 * divideNoNaN(square(sum(differences)), maximum(count * others, 0))
    return (squares - common) * weights
  }
}

import EspalierGraph

extension Metrics {
  /// Returns the mean over examples of the precisions at each place up to `k` at which a true class stands, divided by
  /// the number of true classes that could stand there.
  ///
  /// - Parameters:
  ///   - labels: One or more true classes for each example, `[N]` or `[N, L]`.
  ///   - predictions: Scores, `[N, classes]`. Of equal scores, that of the smaller class counts as higher.
  ///   - weights: A scalar, or `[N]`.
  ///
  /// Source: `tf.metrics.average_precision_at_k`.
  public static func averagePrecisionAtK(
    labels: Tensor, predictions: Tensor, k: Int, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("average_precision_at_\(k)", name, on: [labels, predictions], file, line) {
      withHits(labels, predictions, k, weights) { hits, weights in
        let places = range(1, k + 1)
        let precisions = cumsum(hits, axis: 1) / cast(places, to: .float32)
        let possible = Double(min(k, labels.shape.rank == 1 ? 1 : labels.shape[1] ?? k))
        let averages = reduceSum(precisions * hits, axes: [1]) / possible
        let rowWeights = reduceMean(weights, axes: [1])
        let total = sum("total", dataType: .float64)
        let most = sum("max", dataType: .float64)
        let newTotal = total.assignAdd(reduceSum(cast(averages * rowWeights, to: .float64)))
        let newMost = most.assignAdd(reduceSum(cast(rowWeights, to: .float64)))
        return Metric(
          value: divideNoNaN(total.value, most.value), update: divideNoNaN(newTotal, newMost))
      }
    }
  }

  /// Calls `body` with 1 where one of the `k` best classes is true and 0 elsewhere, and with weights, both `[N, k]`.
  private static func withHits(
    _ labels: Tensor, _ predictions: Tensor, _ k: Int, _ weights: (any TensorConvertible)?,
    _ body: (_ hits: Tensor, _ weights: Tensor) -> Metric
  ) -> Metric {
    guard k > 0, predictions.shape.rank == 2, let rank = labels.shape.rank, rank == 1 || rank == 2 else {
      let failed = failedTensor("the \(k) best of \(predictions.shape) for labels \(labels.shape) are not known")
      return Metric(value: failed, update: failed)
    }
    let best = cast(topK(predictions, k: k).indices, to: .int64)
    let truths = cast(rank == 1 ? expandDims(labels, axis: 1) : labels, to: .int64)
    let isTrue = reduceAny(equal(expandDims(best, axis: 2), expandDims(truths, axis: 1)), axes: [2])
    let hits = cast(isTrue, to: .float32)
    guard let weights else { return body(hits, ones(like: hits)) }
    let rows = broadcastWeights(weights, to: reduceSum(hits, axes: [1]))
    return body(hits, broadcast(expandDims(rows, axis: 1), to: shape(hits)))
  }
}

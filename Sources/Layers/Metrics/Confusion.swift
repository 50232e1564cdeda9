import EspalierGraph

/// Counts of right and wrong predictions of one event, at one threshold or several.
struct Confusion {
  let truePositives: Metric
  let falsePositives: Metric
  let trueNegatives: Metric
  let falseNegatives: Metric

  /// Returns a metric of the counts, computed alike from their values and from their updates.
  func metric(_ formula: (_ counts: Counts) -> Tensor) -> Metric {
    Metric(
      value: formula(
        Counts(
          truePositives: truePositives.value, falsePositives: falsePositives.value,
          trueNegatives: trueNegatives.value, falseNegatives: falseNegatives.value)),
      update: formula(
        Counts(
          truePositives: truePositives.update, falsePositives: falsePositives.update,
          trueNegatives: trueNegatives.update, falseNegatives: falseNegatives.update)))
  }

  struct Counts {
    let truePositives: Tensor
    let falsePositives: Tensor
    let trueNegatives: Tensor
    let falseNegatives: Tensor
  }
}

extension Metrics {
  /// Returns a sum over all batches of how often something was so, by weight.
  ///
  /// - Parameters:
  ///   - cases: `bool`.
  ///   - axes: The axes that are summed up; nil means all.
  static func count(
    _ cases: Tensor, _ weights: Tensor?, variable name: String = "count", shape: [Int] = [], axes: [Int]? = nil
  ) -> Metric {
    let total = sum(name, shape: shape)
    let ones = cast(cases, to: .float32)
    let added = reduceSum(weights.map { ones * $0 } ?? ones, axes: axes)
    return Metric(value: identity(total.value), update: total.assignAdd(added, name: "update_op"))
  }

  /// Returns a count of the cases that two conditions name.
  private static func conditional(
    _ scopeName: String, _ name: String?, _ labels: Tensor, _ predictions: Tensor,
    _ weights: (any TensorConvertible)?, _ file: StaticString, _ line: Int, whenLabel: Bool, whenPrediction: Bool
  ) -> Metric {
    scope(scopeName, name, on: [labels, predictions], file, line) {
      let (labels, predictions) = aligned(cast(labels, to: .bool), cast(predictions, to: .bool))
      let cases = logicalAnd(
        whenLabel ? labels : logicalNot(labels), whenPrediction ? predictions : logicalNot(predictions))
      return count(cases, weights.map { broadcastWeights($0, to: cast(cases, to: .float32)) })
    }
  }

  /// Returns the number of events that were predicted and happened.
  ///
  /// - Parameters:
  ///   - labels: Whether it happened: cast to `bool`.
  ///   - predictions: Whether it was predicted: cast to `bool`, of the same shape.
  ///
  /// Source: `tf.metrics.true_positives`.
  public static func truePositives(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    conditional(
      "true_positives", name, labels, predictions, weights, file, line, whenLabel: true, whenPrediction: true)
  }

  /// Returns the number of events that were predicted and did not happen.
  ///
  /// Source: `tf.metrics.false_positives`.
  public static func falsePositives(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    conditional(
      "false_positives", name, labels, predictions, weights, file, line, whenLabel: false, whenPrediction: true)
  }

  /// Returns the number of events that were not predicted and did not happen.
  ///
  /// Source: `tf.metrics.true_negatives`.
  public static func trueNegatives(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    conditional(
      "true_negatives", name, labels, predictions, weights, file, line, whenLabel: false, whenPrediction: false)
  }

  /// Returns the number of events that were not predicted and happened.
  ///
  /// Source: `tf.metrics.false_negatives`.
  public static func falseNegatives(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    conditional(
      "false_negatives", name, labels, predictions, weights, file, line, whenLabel: true, whenPrediction: false)
  }

  /// Returns which share of the predicted events happened; 0 if none was predicted.
  ///
  /// Source: `tf.metrics.precision`.
  public static func precision(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("precision", name, on: [labels, predictions], file, line) {
      let right = truePositives(labels: labels, predictions: predictions, weights: weights)
      let wrong = falsePositives(labels: labels, predictions: predictions, weights: weights)
      return share(right, wrong)
    }
  }

  /// Returns which share of the events that happened was predicted; 0 if none happened.
  ///
  /// Source: `tf.metrics.recall`.
  public static func recall(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("recall", name, on: [labels, predictions], file, line) {
      let right = truePositives(labels: labels, predictions: predictions, weights: weights)
      let missed = falseNegatives(labels: labels, predictions: predictions, weights: weights)
      return share(right, missed)
    }
  }

  private static func share(_ part: Metric, _ rest: Metric) -> Metric {
    Metric(
      value: divideNoNaN(part.value, part.value + rest.value, name: "value"),
      update: divideNoNaN(part.update, part.update + rest.update, name: "update_op"))
  }
}

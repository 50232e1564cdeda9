import EspalierGraph

extension Metrics {
  /// Returns how many events were predicted above each threshold and happened, `[thresholds]`.
  ///
  /// - Parameters:
  ///   - labels: Whether it happened: cast to `bool`.
  ///   - predictions: Probabilities, of the same shape.
  ///
  /// Source: `tf.metrics.true_positives_at_thresholds`.
  public static func truePositivesAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("true_positives", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).truePositives
    }
  }

  /// Returns how many events were predicted above each threshold and did not happen, `[thresholds]`.
  ///
  /// Source: `tf.metrics.false_positives_at_thresholds`.
  public static func falsePositivesAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("false_positives", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).falsePositives
    }
  }

  /// Returns how many events were not predicted above each threshold and did not happen, `[thresholds]`.
  ///
  /// Source: `tf.metrics.true_negatives_at_thresholds`.
  public static func trueNegativesAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("true_negatives", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).trueNegatives
    }
  }

  /// Returns how many events were not predicted above each threshold and happened, `[thresholds]`.
  ///
  /// Source: `tf.metrics.false_negatives_at_thresholds`.
  public static func falseNegativesAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("false_negatives", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).falseNegatives
    }
  }

  /// Returns the share of events that are predicted at the threshold at which the share of other cases that are not is
  /// closest to `specificity`.
  ///
  /// Source: `tf.metrics.sensitivity_at_specificity`.
  public static func sensitivityAtSpecificity(
    labels: Tensor, predictions: Tensor, specificity: Double, weights: (any TensorConvertible)? = nil,
    thresholdCount: Int = 200, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("sensitivity_at_specificity", name, on: [labels, predictions], file, line) {
      atBest(specificity, "specificity", thresholdCount, labels, predictions, weights) { counts in
        let distance = abs(rate(counts.trueNegatives, counts.falsePositives) - specificity)
        return reduceSum(
          rate(counts.truePositives, counts.falseNegatives) * oneHot(argMin(distance, axis: 0), depth: thresholdCount))
      }
    }
  }

  /// Returns the share of other cases that are not predicted at the threshold at which the share of events that are is
  /// closest to `sensitivity`, the greatest such threshold.
  ///
  /// Source: `tf.metrics.specificity_at_sensitivity`.
  public static func specificityAtSensitivity(
    labels: Tensor, predictions: Tensor, sensitivity: Double, weights: (any TensorConvertible)? = nil,
    thresholdCount: Int = 200, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("specificity_at_sensitivity", name, on: [labels, predictions], file, line) {
      atBest(sensitivity, "sensitivity", thresholdCount, labels, predictions, weights) { counts in
        let distance = abs(rate(counts.truePositives, counts.falseNegatives) - sensitivity)
        let isBest = cast(equal(distance, reduceMin(distance)), to: .float32)
        // Of equal ones the last: the first at which as many have been passed as there are.
        let last = argMax(cumsum(isBest, axis: 0), axis: 0)
        return reduceSum(
          rate(counts.trueNegatives, counts.falsePositives) * oneHot(last, depth: thresholdCount))
      }
    }
  }

  private static func rate(_ part: Tensor, _ rest: Tensor) -> Tensor { part / (part + rest + 1e-7) }

  private static func atBest(
    _ wanted: Double, _ what: String, _ thresholdCount: Int, _ labels: Tensor, _ predictions: Tensor,
    _ weights: (any TensorConvertible)?, _ formula: (Confusion.Counts) -> Tensor
  ) -> Metric {
    guard (0...1).contains(wanted), thresholdCount > 1 else {
      let failed = failedTensor("`\(what)` must be in the range [0, 1], and there must be two thresholds")
      return Metric(value: failed, update: failed)
    }
    return confusion(
      labels: labels, predictions: predictions, thresholds: evenThresholds(thresholdCount), weights: weights
    ).metric(formula)
  }
}

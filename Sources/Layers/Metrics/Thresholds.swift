import EspalierGraph

/// The curve whose area `Metrics.auc` measures.
public enum AreaCurve: Hashable, Sendable {
  /// Recall over the share of false alarms (receiver operating characteristic).
  case roc
  /// Precision over recall.
  case precisionRecall
}

/// How `Metrics.auc` adds up the area between neighbouring points.
public enum AreaSummation: Hashable, Sendable {
  /// Trapezoids.
  case trapezoidal
  /// For precision over recall, the true curve between two points; trapezoids otherwise.
  case carefulInterpolation
  /// Rectangles below.
  case minoring
  /// Rectangles above.
  case majoring
}

extension Metrics {
  /// What keeps quotients of counts from 0 / 0 in metrics at thresholds.
  private static let tiny = 1e-7

  /// Returns so many thresholds, from just below 0 to just above 1.
  static func evenThresholds(_ count: Int) -> [Double] {
    let inner = (1..<(count - 1)).map { Double($0) / Double(count - 1) }
    return [-tiny] + inner + [1 + tiny]
  }

  /// Returns the counts at each threshold, `[thresholds]`.
  static func confusion(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)?
  ) -> Confusion {
    let count = thresholds.count
    let scores = reshape(cast(predictions, to: .float32), to: [1, -1])
    let truth = reshape(cast(labels, to: .bool), to: [1, -1])
    let limits = constant(thresholds.map { Float($0) }, shape: [count, 1], name: "thresholds")
    let predicted = greater(scores, limits)
    let (notPredicted, notTrue) = (logicalNot(predicted), logicalNot(truth))
    let weights = weights.map {
      reshape(broadcastWeights($0, to: cast(predictions, to: .float32)), to: [1, -1])
    }
    func cases(_ name: String, _ label: Tensor, _ prediction: Tensor) -> Metric {
      Metrics.count(logicalAnd(label, prediction), weights, variable: name, shape: [count], axes: [1])
    }
    return Confusion(
      truePositives: cases("true_positives", truth, predicted),
      falsePositives: cases("false_positives", notTrue, predicted),
      trueNegatives: cases("true_negatives", notTrue, notPredicted),
      falseNegatives: cases("false_negatives", truth, notPredicted))
  }

  /// Returns the precision when events count as predicted above each threshold, `[thresholds]`.
  ///
  /// - Parameters:
  ///   - labels: Whether it happened: cast to `bool`.
  ///   - predictions: Probabilities, of the same shape.
  ///
  /// Source: `tf.metrics.precision_at_thresholds`.
  public static func precisionAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("precision_at_thresholds", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).metric {
        $0.truePositives / (tiny + $0.truePositives + $0.falsePositives)
      }
    }
  }

  /// Returns the recall when events count as predicted above each threshold, `[thresholds]`.
  ///
  /// Source: `tf.metrics.recall_at_thresholds`.
  public static func recallAtThresholds(
    labels: Tensor, predictions: Tensor, thresholds: [Double], weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("recall_at_thresholds", name, on: [labels, predictions], file, line) {
      confusion(labels: labels, predictions: predictions, thresholds: thresholds, weights: weights).metric {
        $0.truePositives / (tiny + $0.truePositives + $0.falseNegatives)
      }
    }
  }

  /// Returns the area under a curve of right over wrong predictions, as the threshold goes from 0 to 1.
  ///
  /// - Parameters:
  ///   - labels: Whether it happened: cast to `bool`.
  ///   - predictions: Probabilities, of the same shape.
  ///   - thresholdCount: At how many evenly spaced thresholds the curve is taken, 2 or more.
  ///
  /// Source: `tf.metrics.auc`.
  public static func auc(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, thresholdCount: Int = 200,
    curve: AreaCurve = .roc, summation: AreaSummation = .trapezoidal, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("auc", name, on: [labels, predictions], file, line) {
      guard thresholdCount > 1 else {
        let failed = failedTensor("num_thresholds must be > 1, not \(thresholdCount)")
        return Metric(value: failed, update: failed)
      }
      let counts = confusion(
        labels: labels, predictions: predictions, thresholds: evenThresholds(thresholdCount), weights: weights)
      return counts.metric { area($0, thresholdCount, curve, summation) }
    }
  }

  private static func area(
    _ counts: Confusion.Counts, _ count: Int, _ curve: AreaCurve, _ summation: AreaSummation
  ) -> Tensor {
    if curve == .precisionRecall, summation == .carefulInterpolation { return interpolatedArea(counts, count) }
    let epsilon = 1e-6
    let right = counts.truePositives + epsilon
    let recall = right / (counts.truePositives + counts.falseNegatives + epsilon)
    let (x, y): (Tensor, Tensor) =
      switch curve {
      case .roc: (counts.falsePositives / (counts.falsePositives + counts.trueNegatives + epsilon), recall)
      case .precisionRecall: (recall, right / (counts.truePositives + counts.falsePositives + epsilon))
      }
    let (higher, lower) = neighbours(y, count)
    let height: Tensor =
      switch summation {
      case .trapezoidal, .carefulInterpolation: (higher + lower) / 2
      case .minoring: minimum(higher, lower)
      case .majoring: maximum(higher, lower)
      }
    let (after, before) = neighbours(x, count)
    return reduceSum((after - before) * height)
  }

  /// Returns all but the last element, and all but the first.
  private static func neighbours(_ x: Tensor, _ count: Int) -> (Tensor, Tensor) {
    (slice(x, begin: [0], size: [count - 1]), slice(x, begin: [1], size: [count - 1]))
  }

  /// Returns the area under precision over recall, with true and false positives interpolated between thresholds.
  ///
  /// Source: Davis and Goadrich 2006, "The Relationship Between Precision-Recall and ROC Curves".
  private static func interpolatedArea(_ counts: Confusion.Counts, _ count: Int) -> Tensor {
    let (right, nextRight) = neighbours(counts.truePositives, count)
    let (positives, nextPositives) = neighbours(counts.truePositives + counts.falsePositives, count)
    let (_, nextMissed) = neighbours(counts.falseNegatives, count)
    let slope = divideNoNaN(right - nextRight, maximum(positives - nextPositives, 0))
    let intercept = nextRight - slope * nextPositives
    let bothPositive = logicalAnd(
      greater(positives, zeros(like: positives)), greater(nextPositives, zeros(like: positives)))
    let ratio = select(bothPositive, divideNoNaN(positives, nextPositives), ones(like: positives))
    let gained = slope * (right - nextRight + intercept * log(ratio))
    return reduceSum(divideNoNaN(gained, maximum(nextRight + nextMissed, 0)))
  }
}

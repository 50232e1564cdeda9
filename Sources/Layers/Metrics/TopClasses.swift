import EspalierGraph

extension Metrics {
  /// Returns which share of the `k` classes with the highest scores is true; NaN before any update.
  ///
  /// - Parameters:
  ///   - labels: One or more true classes for each example, `[N]` or `[N, L]`.
  ///   - predictions: Scores, `[N, classes]`. Of equal scores, that of the smaller class counts as higher.
  ///   - classID: The only class that counts, if given.
  ///   - weights: A scalar, or `[N]`.
  ///
  /// Source: `tf.metrics.precision_at_k`.
  public static func precisionAtK(
    labels: Tensor, predictions: Tensor, k: Int, classID: Int? = nil, weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope(atK("precision", k, classID), name, on: [labels, predictions], file, line) {
      precision(TopClasses(labels, best(k, of: predictions), classID, weights), k, classID)
    }
  }

  /// Returns which share of predicted classes is true; NaN before any update.
  ///
  /// - Parameters:
  ///   - labels: One or more true classes for each example, `[N]` or `[N, L]`. A class counts once.
  ///   - predictedClasses: `[N, k]`, integers. A class counts once.
  ///   - k: What the names of the sums end in.
  ///   - classID: The only class that counts, if given.
  ///   - weights: A scalar, or `[N]`.
  ///
  /// Source: `tf.metrics.precision_at_top_k`.
  public static func precisionAtTopK(
    labels: Tensor, predictedClasses: Tensor, k: Int? = nil, classID: Int? = nil,
    weights: (any TensorConvertible)? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope(atK("precision", k, classID), name, on: [labels, predictedClasses], file, line) {
      precision(TopClasses(labels, predictedClasses, classID, weights), k, classID)
    }
  }

  /// Returns which share of the true classes is among the `k` classes with the highest scores; NaN before any update.
  ///
  /// - Parameters:
  ///   - labels: One or more true classes for each example, `[N]` or `[N, L]`.
  ///   - predictions: Scores, `[N, classes]`. Of equal scores, that of the smaller class counts as higher.
  ///   - classID: The only class that counts, if given.
  ///   - weights: A scalar, or `[N]`.
  ///
  /// Source: `tf.metrics.recall_at_k`.
  public static func recallAtK(
    labels: Tensor, predictions: Tensor, k: Int, classID: Int? = nil, weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope(atK("recall", k, classID), name, on: [labels, predictions], file, line) {
      recall(TopClasses(labels, best(k, of: predictions), classID, weights), k, classID)
    }
  }

  /// Returns which share of the true classes is among predicted ones; NaN before any update.
  ///
  /// - Parameters:
  ///   - labels: One or more true classes for each example, `[N]` or `[N, L]`. A class counts once.
  ///   - predictedClasses: `[N, k]`, integers. A class counts once.
  ///   - k: What the names of the sums end in.
  ///   - classID: The only class that counts, if given.
  ///   - weights: A scalar, or `[N]`.
  ///
  /// Source: `tf.metrics.recall_at_top_k`.
  public static func recallAtTopK(
    labels: Tensor, predictedClasses: Tensor, k: Int? = nil, classID: Int? = nil,
    weights: (any TensorConvertible)? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope(atK("recall", k, classID), name, on: [labels, predictedClasses], file, line) {
      recall(TopClasses(labels, predictedClasses, classID, weights), k, classID)
    }
  }

  private static func atK(_ name: String, _ k: Int?, _ classID: Int?) -> String {
    "\(name)_at_\(k.map(String.init) ?? "k")" + (classID.map { "_class\($0)" } ?? "")
  }

  private static func best(_ k: Int, of predictions: Tensor) -> Tensor {
    guard k > 0 else { return failedTensor("k must be positive, not \(k)") }
    return topK(predictions, k: k).indices
  }

  private static func precision(_ classes: TopClasses?, _ k: Int?, _ classID: Int?) -> Metric {
    share(classes, of: (atK("true_positive", k, classID), \.found), (atK("false_positive", k, classID), \.wrong))
  }

  private static func recall(_ classes: TopClasses?, _ k: Int?, _ classID: Int?) -> Metric {
    share(classes, of: (atK("true_positive", k, classID), \.found), (atK("false_negative", k, classID), \.missed))
  }

  /// Returns the share of one count in the sum of it and another.
  private static func share(
    _ classes: TopClasses?, of part: (name: String, count: KeyPath<TopClasses, Tensor>),
    _ other: (name: String, count: KeyPath<TopClasses, Tensor>)
  ) -> Metric {
    guard let classes else {
      let failed = failedTensor("labels are [N] or [N, L], and predicted classes [N, k]")
      return Metric(value: failed, update: failed)
    }
    let (a, b) = (sum(part.name, dataType: .float64), sum(other.name, dataType: .float64))
    let newA = a.assignAdd(classes[keyPath: part.count])
    let newB = b.assignAdd(classes[keyPath: other.count])
    return Metric(value: divide(a.value, a.value + b.value), update: divide(newA, newA + newB))
  }
}

/// The true classes and the predicted ones of a batch, as sets.
private struct TopClasses {
  private let labels: Tensor
  private let predicted: Tensor
  private let classID: Int?
  private let weights: Tensor?

  /// - Returns: nil if the shapes do not fit.
  init?(_ labels: Tensor, _ predicted: Tensor, _ classID: Int?, _ weights: (any TensorConvertible)?) {
    guard predicted.shape.rank == 2, let rank = labels.shape.rank, rank == 1 || rank == 2 else { return nil }
    self.labels = cast(rank == 1 ? expandDims(labels, axis: 1) : labels, to: .int64)
    self.predicted = cast(predicted, to: .int64)
    self.classID = classID
    let rows = cast(slice(self.labels, begin: [0, 0], size: [-1, 1]), to: .float64)
    self.weights = weights.map { weights in
      expandDims(Metrics.broadcastWeights(weights, to: squeeze(rows, axes: [1])), axis: 1)
    }
  }

  /// The weight of the true classes that were predicted.
  var found: Tensor { total(isIn(labels, predicted), of: labels) }
  /// The weight of the true classes that were not predicted.
  var missed: Tensor { total(logicalNot(isIn(labels, predicted)), of: labels) }
  /// The weight of the predicted classes that are not true.
  var wrong: Tensor { total(logicalNot(isIn(predicted, labels)), of: predicted) }

  /// Returns whether each class is among others of its row.
  private func isIn(_ classes: Tensor, _ others: Tensor) -> Tensor {
    reduceAny(equal(expandDims(classes, axis: 2), expandDims(others, axis: 1)), axes: [2])
  }

  /// Returns the weight of classes for which something holds, each once in a row.
  private func total(_ holds: Tensor, of classes: Tensor) -> Tensor {
    let isSame = cast(equal(expandDims(classes, axis: 2), expandDims(classes, axis: 1)), to: .float64)
    let earlier = reduceSum(matrixBandPart(isSame, lower: -1, upper: 0), axes: [2])
    var counts = logicalAnd(holds, equal(earlier, ones(like: earlier)))
    if let classID {
      counts = logicalAnd(counts, equal(classes, constant(Int64(classID), name: "class_id")))
    }
    let numbers = cast(counts, to: .float64)
    return reduceSum(weights.map { numbers * $0 } ?? numbers)
  }
}

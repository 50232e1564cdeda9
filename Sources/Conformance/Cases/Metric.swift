import EspalierExecutor
import EspalierGraph
import EspalierLayers

extension Cases {
  /// Cases of metrics over several batches.
  static let metrics: [String: @Sendable (GoldenCase) throws -> Deviation] = ["metric": { try metric($0) }]

  private static func metric(_ golden: GoldenCase) throws -> Deviation {
    guard let updates = golden.content["updates"]?.elements, let first = updates.first,
      let wanted = golden.content["value_after_update"]?.elements, let initial = golden.content["initial"]?.doubles
    else { throw ConformanceError("\(golden.name) has no updates") }
    return try withGraph(Graph()) {
      var inputs: [String: Tensor] = [:]
      for (name, value) in try golden.tensors(in: first) {
        inputs[name] = placeholder(value.dataType, shape: Shape(value.shape), name: name)
      }
      let metric = try self.metric(golden, inputs)
      let session = Session(graph: metric.value.graph, configuration: Runner.configuration)
      try session.run(localVariablesInitializer())
      var deviation = Deviation()
      deviation.compare(try session.run(metric.value).doubles(), with: initial, golden.tolerance, "initial value")
      for (index, update) in updates.enumerated() {
        var feeds: [Tensor: HostTensor] = [:]
        for (name, value) in try golden.tensors(in: update) {
          if let tensor = inputs[name] { feeds[tensor] = value }
        }
        let updated = try session.run(metric.update, feeding: feeds).doubles()
        let want = wanted[index].doubles ?? []
        deviation.compare(updated, with: want, golden.tolerance, "update \(index)")
        let value = try session.run(metric.value).doubles()
        deviation.compare(value, with: want, golden.tolerance, "value after update \(index)")
      }
      return deviation
    }
  }

  private static func metric(_ golden: GoldenCase, _ inputs: [String: Tensor]) throws(ConformanceError) -> Metric {
    let weights = inputs["weights"]
    if let values = inputs["values"] {
      switch golden.operation {
      case "metrics.mean": return Metrics.mean(values, weights: weights)
      case "metrics.percentage_below":
        return Metrics.percentageBelow(
          values, threshold: golden.attributes["threshold"]?.double ?? .nan, weights: weights)
      default: break
      }
    }
    guard let labels = inputs["labels"], let predictions = inputs["predictions"] else {
      throw ConformanceError("there is no \(golden.operation)")
    }
    if let build = comparisons[golden.operation] { return build(labels, predictions, weights) }
    return try metric(golden, labels, predictions, weights)
  }

  private typealias Comparison = @Sendable (_ labels: Tensor, _ predictions: Tensor, _ weights: Tensor?) -> Metric

  private static let comparisons: [String: Comparison] = [
    "metrics.accuracy": { Metrics.accuracy(labels: $0, predictions: $1, weights: $2) },
    "metrics.precision": { Metrics.precision(labels: $0, predictions: $1, weights: $2) },
    "metrics.recall": { Metrics.recall(labels: $0, predictions: $1, weights: $2) },
    "metrics.true_positives": { Metrics.truePositives(labels: $0, predictions: $1, weights: $2) },
    "metrics.false_positives": { Metrics.falsePositives(labels: $0, predictions: $1, weights: $2) },
    "metrics.true_negatives": { Metrics.trueNegatives(labels: $0, predictions: $1, weights: $2) },
    "metrics.false_negatives": { Metrics.falseNegatives(labels: $0, predictions: $1, weights: $2) },
    "metrics.mean_squared_error": { Metrics.meanSquaredError(labels: $0, predictions: $1, weights: $2) },
    "metrics.root_mean_squared_error": { Metrics.rootMeanSquaredError(labels: $0, predictions: $1, weights: $2) },
    "metrics.mean_absolute_error": { Metrics.meanAbsoluteError(labels: $0, predictions: $1, weights: $2) },
  ]

  private static func metric(
    _ golden: GoldenCase, _ labels: Tensor, _ predictions: Tensor, _ weights: Tensor?
  ) throws(ConformanceError) -> Metric {
    let attributes = golden.attributes
    let classes = attributes["num_classes"]?.int ?? 0
    let thresholds = attributes["thresholds"]?.doubles ?? []
    switch golden.operation {
    case "metrics.auc":
      return Metrics.auc(
        labels: labels, predictions: predictions, weights: weights,
        thresholdCount: attributes["num_thresholds"]?.int ?? 200,
        curve: attributes["curve"]?.text == "PR" ? .precisionRecall : .roc,
        summation: attributes["summation_method"] == nil ? .trapezoidal : .carefulInterpolation)
    case "metrics.mean_per_class_accuracy":
      return Metrics.meanPerClassAccuracy(
        labels: labels, predictions: predictions, classCount: classes, weights: weights)
    case "metrics.mean_iou":
      return Metrics.meanIntersectionOverUnion(
        labels: labels, predictions: predictions, classCount: classes, weights: weights)
    case "metrics.precision_at_thresholds":
      return Metrics.precisionAtThresholds(
        labels: labels, predictions: predictions, thresholds: thresholds, weights: weights)
    case "metrics.recall_at_thresholds":
      return Metrics.recallAtThresholds(
        labels: labels, predictions: predictions, thresholds: thresholds, weights: weights)
    case "metrics.recall_at_k":
      return Metrics.recallAtK(
        labels: labels, predictions: predictions, k: attributes["k"]?.int ?? 1, weights: weights)
    default: throw ConformanceError("there is no \(golden.operation)")
    }
  }
}

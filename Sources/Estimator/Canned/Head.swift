import EspalierGraph
import EspalierLayers

/// What a canned estimator makes of logits: predictions, a loss, metrics, and what it exports.
///
/// Source: `tensorflow_estimator/python/estimator/canned/head.py`.
enum Head {
  /// One of several classes.
  case multiClass(count: Int)
  /// Yes or no.
  case binary
  /// Numbers, so many for each example.
  case regression(dimension: Int)

  /// Returns the head of a classifier.
  static func classes(_ count: Int) throws(EstimatorError) -> Head {
    guard count >= 2 else { throw .invalidArgument("n_classes must be > 2: \(count).") }
    return count == 2 ? .binary : .multiClass(count: count)
  }

  /// How many logits each example has.
  var logitCount: Int {
    switch self {
    case .multiClass(let count): count
    case .binary: 1
    case .regression(let dimension): dimension
    }
  }

  /// Returns the specification of a model with these logits `[N, logitCount]`.
  func spec(
    _ mode: ModeKeys, logits: Tensor, labels: Structure<Tensor>?, optimizer: () throws -> Optimizer
  ) throws -> EstimatorSpec {
    let predictions = nameScope("predictions") { self.predictions(logits) }
    guard mode != .predict else {
      return try EstimatorSpec(
        mode: mode, predictions: .dictionary(predictions), exportOutputs: exportOutputs(predictions))
    }
    guard let labels = labels?.only else {
      throw EstimatorError.invalidArgument(
        "You must provide a labels Tensor. Given: None. Suggested troubleshooting steps: Check that your data contain "
          + "your label feature. Check that your input_fn properly parses and returns labels.")
    }
    let shaped = reshape(labels, to: [-1, labelCount])
    let losses = nameScope("loss") { exampleLosses(logits, shaped) }
    let loss = reduceSum(losses, name: "loss_sum")
    let trainOp =
      mode == .train ? try optimizer().minimize(loss, globalStep: try getOrCreateGlobalStep()) : nil
    return try EstimatorSpec(
      mode: mode, predictions: .dictionary(predictions), loss: loss, trainOp: trainOp,
      evalMetricOps: mode == .evaluate ? metrics(predictions, shaped, losses) : [:])
  }

  private var labelCount: Int { if case .regression(let dimension) = self { dimension } else { 1 } }

  private func predictions(_ logits: Tensor) -> [String: Tensor] {
    switch self {
    case .multiClass:
      return [
        "logits": logits, "probabilities": softmax(logits, name: "probabilities"),
        "class_ids": expandDims(argMax(logits, axis: -1), axis: -1, name: "class_ids"),
      ]
    case .binary:
      let both = concat([zeros(like: logits), logits], axis: -1, name: "two_class_logits")
      return [
        "logits": logits, "logistic": sigmoid(logits, name: "logistic"),
        "probabilities": softmax(both, name: "probabilities"),
        "class_ids": expandDims(argMax(both, axis: -1), axis: -1, name: "class_ids"),
      ]
    case .regression: return ["predictions": logits]
    }
  }

  /// Returns the loss of each example `[N, …]`.
  private func exampleLosses(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    switch self {
    case .multiClass:
      Losses.sparseSoftmaxCrossEntropy(labels: cast(labels, to: .int64), logits: logits, reduction: .none)
    case .binary: sigmoidCrossEntropyWithLogits(labels: cast(labels, to: .float32), logits: logits)
    case .regression: squaredDifference(cast(labels, to: .float32), logits)
    }
  }

  private func metrics(
    _ predictions: [String: Tensor], _ labels: Tensor, _ losses: Tensor
  ) -> [String: Metric] {
    var result = ["average_loss": Metrics.mean(losses, name: "average_loss")]
    if let ids = predictions["class_ids"] {
      result["accuracy"] = Metrics.accuracy(labels: labels, predictions: ids, name: "accuracy")
    }
    let numbers = cast(labels, to: .float32)
    switch self {
    case .multiClass: break
    case .regression:
      result["label/mean"] = Metrics.mean(numbers, name: "label_mean")
      result["prediction/mean"] = predictions["predictions"].map { Metrics.mean($0, name: "prediction_mean") }
    case .binary:
      let labelMean = Metrics.mean(numbers, name: "label_mean")
      result["label/mean"] = labelMean
      // What always saying the more frequent answer would get right.
      result["accuracy_baseline"] = Metric(
        value: maximum(labelMean.value, 1 - labelMean.value), update: maximum(labelMean.update, 1 - labelMean.update))
      guard let logistic = predictions["logistic"], let ids = predictions["class_ids"] else { break }
      result["prediction/mean"] = Metrics.mean(logistic, name: "prediction_mean")
      result["precision"] = Metrics.precision(labels: labels, predictions: ids)
      result["recall"] = Metrics.recall(labels: labels, predictions: ids)
      result["auc"] = Metrics.auc(labels: labels, predictions: logistic)
      result["auc_precision_recall"] = Metrics.auc(
        labels: labels, predictions: logistic, curve: .precisionRecall, summation: .carefulInterpolation)
    }
    return result
  }

  private func exportOutputs(_ predictions: [String: Tensor]) -> [String: ExportOutput] {
    if case .regression = self, let value = predictions["predictions"] {
      return [
        "serving_default": .regression(value: value), "regression": .regression(value: value),
        "predict": .predict(.dictionary(predictions)),
      ]
    }
    let scores = ExportOutput.classification(scores: predictions["probabilities"])
    return [
      "serving_default": scores, "classification": scores, "predict": .predict(.dictionary(predictions)),
    ]
  }
}

import EspalierGraph
import EspalierLayers

/// What a `modelFn` returns: the parts of the graph that training, evaluation or prediction run.
///
/// Source: `tf.estimator.EstimatorSpec`.
public struct EstimatorSpec {
  /// What the model was built for.
  public let mode: ModeKeys
  /// What the model says about each example.
  public let predictions: Structure<Tensor>?
  /// The loss of the batch, a scalar.
  public let loss: Tensor?
  /// One step of training.
  public let trainOp: Node?
  /// The metrics of an evaluation by name.
  public let evalMetricOps: [String: Metric]
  /// Metrics of training by name: gathered over the steps between two summaries, written beside those under their
  /// names, and begun anew.
  public let trainMetricOps: [String: Metric]
  /// What is exported for serving, by name of the signature.
  public let exportOutputs: [String: ExportOutput]
  /// Hooks of training that only the process runs which saves.
  public let trainingChiefHooks: [any SessionRunHook]
  /// Hooks of training.
  public let trainingHooks: [any SessionRunHook]
  /// Hooks of evaluation.
  public let evaluationHooks: [any SessionRunHook]
  /// Hooks of prediction.
  public let predictionHooks: [any SessionRunHook]
  /// How variables are initialized and saved.
  public let scaffold: Scaffold
  /// Scalars of the batch that the live progress of training shows beside the loss, by name. Computed only when the
  /// progress is drawn.
  public let progress: [String: Tensor]

  /// Returns a specification.
  ///
  /// Training needs `loss` and `trainOp`, evaluation `loss`, prediction `predictions`; what another mode needs may be
  /// given too.
  ///
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if a part is missing, is no scalar, or belongs to
  ///   another graph.
  public init(
    mode: ModeKeys, predictions: Structure<Tensor>? = nil, loss: Tensor? = nil, trainOp: Node? = nil,
    evalMetricOps: [String: Metric] = [:], trainMetricOps: [String: Metric] = [:],
    exportOutputs: [String: ExportOutput] = [:],
    trainingChiefHooks: [any SessionRunHook] = [], trainingHooks: [any SessionRunHook] = [],
    evaluationHooks: [any SessionRunHook] = [], predictionHooks: [any SessionRunHook] = [],
    scaffold: Scaffold? = nil, progress: [String: Tensor] = [:]
  ) throws(EstimatorError) {
    self.mode = mode
    self.predictions = predictions
    self.loss = try Self.scalar(loss)
    self.trainOp = trainOp
    self.evalMetricOps = evalMetricOps
    self.trainMetricOps = trainMetricOps
    self.exportOutputs = exportOutputs
    self.trainingChiefHooks = trainingChiefHooks
    self.trainingHooks = trainingHooks
    self.evaluationHooks = evaluationHooks
    self.predictionHooks = predictionHooks
    self.scaffold = scaffold ?? Scaffold()
    self.progress = progress
    try checkParts()
    try checkGraph()
  }

  private func checkParts() throws(EstimatorError) {
    if mode == .train, trainOp == nil { throw .invalidArgument("Missing train_op.") }
    if mode != .predict, loss == nil { throw .invalidArgument("Missing loss.") }
    if mode == .predict, predictions == nil { throw .invalidArgument("Missing predictions.") }
  }

  private func checkGraph() throws(EstimatorError) {
    try check(trainOp.map { ("train_op", $0.name, $0.graph) })
    try check(loss.map { ("loss", $0.name, $0.graph) })
    for tensor in predictions?.leaves ?? [] { try check(("prediction values", tensor.name, tensor.graph)) }
    for (what, metrics) in [("eval_metric_ops", evalMetricOps), ("train_metric_ops", trainMetricOps)] {
      for (name, metric) in metrics.sorted(by: { $0.key < $1.key }) {
        try check((what, "\(name): \(metric.value.name)", metric.value.graph))
        try check((what, "\(name): \(metric.update.name)", metric.update.graph))
      }
    }
  }

  private func check(_ part: (what: String, name: String, graph: Graph)?) throws(EstimatorError) {
    guard let part, let current = BuildContext.current.graph, part.graph !== current else { return }
    throw .invalidArgument("\(part.what) with \"\(part.name)\" must be from the default graph.")
  }

  /// Returns the loss as a scalar; losses of one element are reshaped.
  private static func scalar(_ loss: Tensor?) throws(EstimatorError) -> Tensor? {
    guard let loss, !loss.isPoisoned, let shape = loss.shape.known, !shape.isEmpty else { return loss }
    guard loss.shape.count == 1 else {
      throw .invalidArgument("Loss must be scalar, given: \(loss.name) : \(loss.type)")
    }
    return reshape(loss, to: [])
  }
}

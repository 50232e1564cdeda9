import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// What training with evaluations came to.
public struct TrainAndEvaluateResult: Sendable {
  /// What the last evaluations found, by the names of their specifications, `""` for none.
  public let evaluations: [String: EvaluationResult]
  /// The directories that exporters wrote after the last checkpoint.
  public let exports: [String]
}

/// Trains a model and evaluates it after its checkpoints.
///
/// An evaluation follows each checkpoint but the first, if the last evaluation began at least `throttleSecs` before or
/// `everyNSteps` ago, and one follows the end of training in any case.
///
/// - Returns: What the last evaluation found; nil if training had ended before, so that nothing was done.
/// - Throws: What `train` and `evaluate` throw.
///
/// Source: `tf.estimator.train_and_evaluate`.
@discardableResult
public func trainAndEvaluate<Params>(
  _ estimator: Estimator<Params>, _ trainSpec: TrainSpec, _ evalSpec: EvalSpec
) throws -> EvaluationResult? {
  try trainAndEvaluate(estimator, trainSpec, [evalSpec]).evaluations.values.first
}

/// Trains a model and makes several evaluations after its checkpoints, each with its own input, name and exporters.
///
/// - Returns: What the last evaluations found, and what was exported.
/// - Throws: What `train` and `evaluate` throw; `EstimatorError.invalidArgument` if two evaluations have one name.
@discardableResult
public func trainAndEvaluate<Params>(
  _ estimator: Estimator<Params>, _ trainSpec: TrainSpec, _ evalSpecs: [EvalSpec]
) throws -> TrainAndEvaluateResult {
  let names = evalSpecs.map { $0.name ?? "" }
  guard Set(names).count == names.count else {
    throw EstimatorError.invalidArgument("`eval_specs` must have unique names. Names given: \(names)")
  }
  let config = estimator.config
  Logging.info("Running training and evaluation locally (non-distributed).")
  Logging.info(
    "Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is "
      + "determined based on RunConfig arguments: "
      + "save_checkpoints_steps \(config.saveCheckpointsSteps.map(String.init) ?? "None") or "
      + "save_checkpoints_secs \(config.saveCheckpointsSecs.map(Text.general) ?? "None").")
  let evaluators = try evalSpecs.map { spec in
    try EvaluationListener(spec) {
      try evaluateAndExport(estimator, spec, maxSteps: trainSpec.maxSteps)
    }
  }
  try estimator.train(trainSpec, listeners: evaluators)
  var results: [String: EvaluationResult] = [:]
  for (name, evaluator) in zip(names, evaluators) { results[name] = evaluator.outcome?.result }
  let exports = evaluators.flatMap { $0.outcome?.exports ?? [] }
  return TrainAndEvaluateResult(evaluations: results, exports: exports)
}

/// What one evaluation and its exporters gave.
private typealias Outcome = (result: EvaluationResult, exports: [String])

private func evaluateAndExport<Params>(
  _ estimator: Estimator<Params>, _ spec: EvalSpec, maxSteps: Int?
) throws -> Outcome {
  // What is exported has to be what was evaluated, whatever is saved meanwhile.
  let checkpoint = try estimator.latestCheckpoint()
  let result = try estimator.evaluate(
    inputFn: spec.inputFn, steps: spec.steps, hooks: spec.hooks, checkpointPath: checkpoint, name: spec.name)
  guard let checkpoint else { return (result, []) }
  let hasMadeAllSteps = maxSteps.map { result.globalStep >= $0 } ?? false
  let isFinal = try hasMadeAllSteps || estimator.trainingInput?.isAtEnd() ?? false
  let base = FilePath.join(estimator.modelDir, "export")
  let exports = try spec.exporters.compactMap { exporter in
    try exporter.export(
      estimator, exportPath: FilePath.join(base, exporter.name), checkpointPath: checkpoint, evalResult: result,
      isTheFinalExport: isFinal)
  }
  return (result, exports)
}

/// Evaluates after checkpoints.
private final class EvaluationListener: CheckpointSaverListener {
  private let spec: EvalSpec
  private let evaluate: () throws -> Outcome
  private var timer: SecondOrStepTimer
  private var isFirst = true
  private(set) var outcome: Outcome?

  init(_ spec: EvalSpec, _ evaluate: @escaping () throws -> Outcome) throws {
    self.spec = spec
    self.evaluate = evaluate
    timer = try SecondOrStepTimer(
      everySecs: spec.everyNSteps == nil ? spec.throttleSecs : nil, everySteps: spec.everyNSteps)
  }

  func begin(_ graph: Graph) {
    timer.reset()
    isFirst = true
  }

  func afterSave(_ session: Session, globalStep: Int) throws -> Bool {
    if isFirst {
      // The model is as it was before this training.
      isFirst = false
    } else if timer.shouldTrigger(forStep: globalStep) {
      try evaluate(at: globalStep)
    } else {
      let reason =
        spec.everyNSteps.map { "every n steps (\($0) steps)" }
        ?? "throttle secs (\(Text.general(spec.throttleSecs)) secs)"
      Logging.info("Skip the current checkpoint eval due to \(reason).")
    }
    return false
  }

  func end(_ session: Session, globalStep: Int) throws {
    if globalStep != timer.lastTriggeredStep, Signals.pending == nil { try evaluate(at: globalStep) }
  }

  private func evaluate(at step: Int) throws {
    timer.updateLastTriggeredStep(step)
    outcome = try evaluate()
  }
}

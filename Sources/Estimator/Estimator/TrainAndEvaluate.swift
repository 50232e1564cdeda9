import EspalierExecutor
import EspalierGraph

/// Trains a model and evaluates it after its checkpoints.
///
/// An evaluation follows each checkpoint but the first, if the last evaluation began at least `throttleSecs` before, and
/// one follows the end of training in any case.
///
/// - Returns: What the last evaluation found; nil if training had ended before, so that nothing was done.
/// - Throws: What `train` and `evaluate` throw.
///
/// Source: `tf.estimator.train_and_evaluate`.
@discardableResult
public func trainAndEvaluate<Params>(
  _ estimator: Estimator<Params>, _ trainSpec: TrainSpec, _ evalSpec: EvalSpec
) throws -> EvaluationResult? {
  let config = estimator.config
  Logging.info("Running training and evaluation locally (non-distributed).")
  Logging.info(
    "Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is "
      + "determined based on RunConfig arguments: "
      + "save_checkpoints_steps \(config.saveCheckpointsSteps.map(String.init) ?? "None") or "
      + "save_checkpoints_secs \(config.saveCheckpointsSecs.map(Text.general) ?? "None").")
  let listener = try EvaluationListener(throttleSecs: evalSpec.throttleSecs) {
    try estimator.evaluate(
      inputFn: evalSpec.inputFn, steps: evalSpec.steps, hooks: evalSpec.hooks, name: evalSpec.name)
  }
  try estimator.train(
    inputFn: trainSpec.inputFn, hooks: trainSpec.hooks, maxSteps: trainSpec.maxSteps,
    savingListeners: trainSpec.savingListeners + [listener])
  return listener.result
}

/// Evaluates after checkpoints.
private final class EvaluationListener: CheckpointSaverListener {
  private let throttleSecs: Double
  private let evaluate: () throws -> EvaluationResult
  private var timer: SecondOrStepTimer
  private var isFirst = true
  private(set) var result: EvaluationResult?

  init(throttleSecs: Double, _ evaluate: @escaping () throws -> EvaluationResult) throws {
    self.throttleSecs = throttleSecs
    self.evaluate = evaluate
    timer = try SecondOrStepTimer(everySecs: throttleSecs)
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
      Logging.info(
        "Skip the current checkpoint eval due to throttle secs (\(Text.general(throttleSecs)) secs).")
    }
    return false
  }

  func end(_ session: Session, globalStep: Int) throws {
    if globalStep != timer.lastTriggeredStep, Signals.pending == nil { try evaluate(at: globalStep) }
  }

  private func evaluate(at step: Int) throws {
    timer.updateLastTriggeredStep(step)
    result = try evaluate()
  }
}

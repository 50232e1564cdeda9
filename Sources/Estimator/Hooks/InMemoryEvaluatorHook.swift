import EspalierExecutor
import EspalierGraph

/// Evaluates the weights that are being trained, in the same process and without a checkpoint: before the first step,
/// every so many steps, and after the last.
///
/// Source: `tf.estimator.experimental.InMemoryEvaluatorHook`.
public final class InMemoryEvaluatorHook: SessionRunHook {
  private let evaluate: (Session) throws -> EvaluationResult
  private var timer: SecondOrStepTimer
  private var stepCount = 0
  /// What the last evaluation found.
  public private(set) var result: EvaluationResult?

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - estimator: The one that trains.
  ///   - inputFn: The input of the evaluation, in batches.
  ///   - steps: How many batches; nil takes all.
  ///   - hooks: Called around each batch.
  ///   - name: Keeps several evaluations apart, `eval_name`.
  ///   - everyNIter: Steps between two evaluations.
  /// - Throws: `EstimatorError.invalidArgument` if `everyNIter` is not positive or there are other workers.
  public init<Params>(
    _ estimator: Estimator<Params>, inputFn: @escaping InputFn, steps: Int? = nil, hooks: [any SessionRunHook] = [],
    name: String? = nil, everyNIter: Int = 100
  ) throws(EstimatorError) {
    guard everyNIter > 0 else { throw .invalidArgument("invalid every_n_iter=\(everyNIter).") }
    guard estimator.config.cluster.numPsReplicas == 0, estimator.config.cluster.numWorkerReplicas <= 1 else {
      throw .invalidArgument("InMemoryEvaluator supports only single machine (aka Local) setting.")
    }
    timer = try SecondOrStepTimer(everySteps: everyNIter)
    evaluate = { [unowned estimator] session in
      try estimator.evaluateLive(session, inputFn: inputFn, steps: steps, hooks: hooks, name: name)
    }
  }

  public func begin(_ graph: Graph) {
    timer.reset()
    stepCount = 0
  }

  public func afterCreateSession(_ session: Session) throws { try look(session) }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    stepCount += 1
    if timer.shouldTrigger(forStep: stepCount) { try look(context.session) }
  }

  public func end(_ session: Session) throws {
    // The last step may have been looked at already.
    if timer.lastTriggeredStep != stepCount { try look(session) }
  }

  private func look(_ session: Session) throws {
    result = try evaluate(session)
    timer.updateLastTriggeredStep(stepCount)
  }
}

import EspalierExecutor

/// Ends the loop after a number of steps, or at a global step.
///
/// Source: `tf.train.StopAtStepHook`.
public final class StopAtStepHook: SessionRunHook {
  private let stepCount: Int?
  private var lastStep: Int?

  /// Returns a hook that ends the loop after `numSteps` more steps, or when the global step is `lastStep`.
  ///
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of the two is given.
  public init(numSteps: Int? = nil, lastStep: Int? = nil) throws(EstimatorError) {
    guard (numSteps == nil) != (lastStep == nil) else {
      throw .invalidArgument("One of num_steps or last_step must be specified.")
    }
    stepCount = numSteps
    self.lastStep = lastStep
  }

  public func afterCreateSession(_ session: Session) throws {
    let step = try session.requiredGlobalStep(for: "StopAtStepHook")
    if let stepCount { lastStep = step + stepCount }
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    if let lastStep, let step = context.globalStep, step >= lastStep { context.requestStop() }
  }
}

extension Session {
  /// Returns the global step.
  ///
  /// - Throws: `EstimatorError.invalidArgument` naming the hook that needs it if the graph has none.
  func requiredGlobalStep(for hook: String) throws(EstimatorError) -> Int {
    guard let globalStep else {
      throw .invalidArgument("Global step should be created to use \(hook).")
    }
    return globalStep
  }
}

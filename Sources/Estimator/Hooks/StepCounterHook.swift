import EspalierExecutor
import EspalierGraph

/// Logs how many steps a second are made, and writes it as a summary: `global_step/sec: 81.3`.
///
/// Source: `tf.train.StepCounterHook`.
public final class StepCounterHook: SessionRunHook {
  private let outputDir: String?
  private var timer: SecondOrStepTimer
  private var events: EventLog?
  private var lastStep: Int?
  private var warnings = 0
  private static let warningLimit = 5
  private static let tag = "global_step/sec"

  /// Returns a hook.
  ///
  /// - Parameter outputDir: The directory of the event file; nil writes none.
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of `everyNSteps` and `everyNSecs` is given.
  public init(
    everyNSteps: Int? = 100, everyNSecs: Double? = nil, outputDir: String? = nil
  ) throws(EstimatorError) {
    guard (everyNSteps == nil) != (everyNSecs == nil) else {
      throw .invalidArgument("exactly one of every_n_steps and every_n_secs should be provided.")
    }
    self.outputDir = outputDir
    timer = try SecondOrStepTimer(everySecs: everyNSecs, everySteps: everyNSteps)
  }

  public func begin(_ graph: Graph) throws {
    if let outputDir { events = try EventLog.shared(outputDir) }
  }

  public func afterCreateSession(_ session: Session) throws {
    lastStep = try session.requiredGlobalStep(for: "StepCounterHook")
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep else { return }
    if timer.shouldTrigger(forStep: step), let elapsed = timer.updateLastTriggeredStep(step) {
      let speed = Double(elapsed.steps) / elapsed.secs
      try events?.write(scalars: [(Self.tag, Float(speed))], step: step)
      Logging.info("\(Self.tag): \(Text.general(speed))")
    }
    if step == lastStep { warn(step) }
    lastStep = step
  }

  private func warn(_ step: Int) {
    guard warnings < Self.warningLimit else { return }
    warnings += 1
    Logging.warn(
      "It seems that global step (tf.train.get_global_step) has not been increased. Current value (could be stable): "
        + "\(step) vs previous value: \(step). You could increase the global step by passing "
        + "tf.train.get_global_step() to Optimizer.apply_gradients or Optimizer.minimize.")
  }
}

import EspalierExecutor

/// Tells how many examples a second training gets through: on average and since the last time.
///
/// Source: `ExamplesPerSecondHook` of `cifar10_utils.py` of the tutorial for several devices.
public final class ExamplesPerSecondHook: SessionRunHook {
  /// What was measured.
  public struct Speed: Hashable, Sendable {
    /// Examples a second since the hook began to count.
    public let average: Double
    /// Examples a second since the last time.
    public let current: Double
    /// The steps that count.
    public let steps: Int
    /// The global step.
    public let globalStep: Int
  }

  private let batchSize: Double
  private let warmSteps: Int
  private let report: (Speed) throws -> Void
  private var timer: SecondOrStepTimer
  private var seconds = 0.0
  private var steps = 0

  /// Returns a hook that reports every so many steps or seconds.
  ///
  /// - Parameters:
  ///   - batchSize: The examples of a step.
  ///   - warmSteps: The first steps of a training, which do not count.
  ///   - report: What is called with each measurement; by default it is logged.
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of `everyNSteps` and `everyNSecs` is given.
  public init(
    batchSize: Int, everyNSteps: Int? = 100, everyNSecs: Double? = nil, warmSteps: Int = 0,
    report: @escaping (Speed) throws -> Void = { ExamplesPerSecondHook.log($0) }
  ) throws {
    guard (everyNSteps == nil) != (everyNSecs == nil) else {
      throw EstimatorError.invalidArgument("exactly one of every_n_steps and every_n_secs should be provided.")
    }
    self.batchSize = Double(batchSize)
    self.warmSteps = warmSteps
    self.report = report
    timer = try SecondOrStepTimer(everySecs: everyNSecs, everySteps: everyNSteps)
  }

  public func afterCreateSession(_ session: Session) throws {
    _ = try session.requiredGlobalStep(for: "ExamplesPerSecondHook")
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, step > warmSteps, timer.shouldTrigger(forStep: step),
      let elapsed = timer.updateLastTriggeredStep(step)
    else { return }
    seconds += elapsed.secs
    steps += elapsed.steps
    try report(
      Speed(
        average: batchSize * Double(steps) / seconds, current: batchSize * Double(elapsed.steps) / elapsed.secs,
        steps: steps, globalStep: step))
  }

  /// Logs a measurement.
  public static func log(_ speed: Speed) {
    let (average, current) = (Text.general(speed.average), Text.general(speed.current))
    Logging.info("Average examples/sec: \(average) (\(current)), step = \(speed.steps)")
  }
}

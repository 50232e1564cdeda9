import EspalierExecutor
import EspalierGraph

/// How often a hook of early stopping looks.
public enum StoppingInterval: Hashable, Sendable {
  /// Every so many seconds.
  case seconds(Double)
  /// Every so many steps.
  case steps(Int)
}

extension Estimator {
  /// Returns a hook that ends training when `shouldStop` returns true.
  ///
  /// - Parameter every: How often it is asked.
  /// - Throws: `EstimatorError.invalidArgument` if the interval makes no sense.
  ///
  /// Source: `tf.estimator.experimental.make_early_stopping_hook`.
  public func makeEarlyStoppingHook(
    every interval: StoppingInterval = .seconds(60), shouldStop: @escaping () throws -> Bool
  ) throws(EstimatorError) -> any SessionRunHook {
    try StopOnPredicateHook(interval, shouldStop)
  }

  /// Returns a hook that ends training when an evaluation found a metric above a threshold.
  ///
  /// - Parameters:
  ///   - metric: The name, `accuracy`.
  ///   - threshold: What it has to exceed.
  ///   - evalDir: Where evaluations write their events; by default that of an evaluation without a name.
  ///   - minSteps: Evaluations before this global step do not count.
  ///   - every: How often it looks.
  /// - Throws: `EstimatorError.invalidArgument` if the interval makes no sense.
  ///
  /// Source: `tf.estimator.experimental.stop_if_higher_hook`.
  public func stopIfHigherHook(
    _ metric: String, threshold: Double, evalDir: String? = nil, minSteps: Int = 0,
    every interval: StoppingInterval = .seconds(60)
  ) throws(EstimatorError) -> any SessionRunHook {
    try thresholdHook(metric, threshold, evalDir, minSteps, interval, "greater than", >)
  }

  /// Returns a hook that ends training when an evaluation found a metric below a threshold.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the interval makes no sense.
  ///
  /// Source: `tf.estimator.experimental.stop_if_lower_hook`.
  public func stopIfLowerHook(
    _ metric: String, threshold: Double, evalDir: String? = nil, minSteps: Int = 0,
    every interval: StoppingInterval = .seconds(60)
  ) throws(EstimatorError) -> any SessionRunHook {
    try thresholdHook(metric, threshold, evalDir, minSteps, interval, "less than", <)
  }

  /// Returns a hook that ends training when a metric has not grown for so many steps.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the interval makes no sense.
  ///
  /// Source: `tf.estimator.experimental.stop_if_no_increase_hook`.
  public func stopIfNoIncreaseHook(
    _ metric: String, maxStepsWithoutIncrease: Int, evalDir: String? = nil, minSteps: Int = 0,
    every interval: StoppingInterval = .seconds(60)
  ) throws(EstimatorError) -> any SessionRunHook {
    try improvementHook(metric, maxStepsWithoutIncrease, evalDir, minSteps, interval, "increase", >)
  }

  /// Returns a hook that ends training when a metric has not fallen for so many steps.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the interval makes no sense.
  ///
  /// Source: `tf.estimator.experimental.stop_if_no_decrease_hook`.
  public func stopIfNoDecreaseHook(
    _ metric: String, maxStepsWithoutDecrease: Int, evalDir: String? = nil, minSteps: Int = 0,
    every interval: StoppingInterval = .seconds(60)
  ) throws(EstimatorError) -> any SessionRunHook {
    try improvementHook(metric, maxStepsWithoutDecrease, evalDir, minSteps, interval, "decrease", <)
  }

  /// Returns a hook that ends training at a global step.
  ///
  /// Source: `tf.estimator.experimental.make_stop_at_checkpoint_step_hook`.
  public func makeStopAtCheckpointStepHook(lastStep: Int) throws(EstimatorError) -> any SessionRunHook {
    try StopAtStepHook(lastStep: lastStep)
  }

  private func thresholdHook(
    _ metric: String, _ threshold: Double, _ evalDir: String?, _ minSteps: Int, _ interval: StoppingInterval,
    _ words: String, _ isBetter: @escaping (Double, Double) -> Bool
  ) throws(EstimatorError) -> any SessionRunHook {
    let directory = evalDir ?? self.evalDir()
    return try StopOnPredicateHook(interval) {
      for (step, metrics) in try readEvalMetrics(directory) where step >= minSteps {
        let value = try Self.value(metric, in: metrics, directory)
        guard isBetter(value, threshold) else { continue }
        Logging.info(
          "At step \(step), metric \"\(metric)\" has value \(value) which is \(words) the configured threshold "
            + "(\(threshold)) for early stopping.")
        return true
      }
      return false
    }
  }

  private func improvementHook(
    _ metric: String, _ maxSteps: Int, _ evalDir: String?, _ minSteps: Int, _ interval: StoppingInterval,
    _ word: String, _ isBetter: @escaping (Double, Double) -> Bool
  ) throws(EstimatorError) -> any SessionRunHook {
    let directory = evalDir ?? self.evalDir()
    return try StopOnPredicateHook(interval) {
      var best: (value: Double, step: Int)?
      for (step, metrics) in try readEvalMetrics(directory) where step >= minSteps {
        let value = try Self.value(metric, in: metrics, directory)
        guard let known = best, !isBetter(value, known.value) else {
          best = (value, step)
          continue
        }
        guard step - known.step >= maxSteps else { continue }
        Logging.info(
          "No \(word) in metric \"\(metric)\" for \(step - known.step) steps, which is greater than or equal to max "
            + "steps (\(maxSteps)) configured for early stopping.")
        return true
      }
      return false
    }
  }

  private static func value(
    _ metric: String, in metrics: [String: Double], _ directory: String
  ) throws(EstimatorError) -> Double {
    if let value = metrics[metric] { return value }
    let hint = NearestNames.hint(for: metric, among: metrics.keys.sorted())
    throw .invalidArgument("The evaluations in \(directory) have no metric \"\(metric)\".\(hint)")
  }
}

/// Ends the loop when a closure says so.
private final class StopOnPredicateHook: SessionRunHook {
  private let shouldStop: () throws -> Bool
  private var timer: SecondOrStepTimer

  init(_ interval: StoppingInterval, _ shouldStop: @escaping () throws -> Bool) throws(EstimatorError) {
    self.shouldStop = shouldStop
    timer =
      switch interval {
      case .seconds(let seconds): try SecondOrStepTimer(everySecs: seconds)
      case .steps(let steps): try SecondOrStepTimer(everySteps: steps)
      }
  }

  func afterCreateSession(_ session: Session) throws {
    _ = try session.requiredGlobalStep(for: "an early stopping hook")
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, timer.shouldTrigger(forStep: step) else { return }
    timer.updateLastTriggeredStep(step)
    guard try shouldStop() else { return }
    Logging.info("Requesting early stopping at global step \(step)")
    context.requestStop()
  }
}

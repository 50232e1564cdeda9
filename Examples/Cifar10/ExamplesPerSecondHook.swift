import Espalier
import Foundation

/// Logs how many examples a second training gets through: on average and since the last line.
final class ExamplesPerSecondHook: SessionRunHook {
  private let batchSize: Double
  private var timer: SecondOrStepTimer
  private var globalStep: Tensor?
  private var trainSeconds = 0.0
  private var totalSteps = 0

  /// Returns a hook that logs every so many steps or seconds; exactly one of them must be given.
  init(batchSize: Int, everyNSteps: Int? = 100, everyNSecs: Double? = nil) throws {
    guard (everyNSteps == nil) != (everyNSecs == nil) else {
      throw DataError("exactly one of every_n_steps and every_n_secs should be provided.")
    }
    self.batchSize = Double(batchSize)
    timer = try SecondOrStepTimer(everySecs: everyNSecs, everySteps: everyNSteps)
  }

  func begin(_ graph: Graph) throws {
    guard let variable = try Espalier.globalStep(in: graph) else {
      throw DataError("Global step should be created to use StepCounterHook.")
    }
    globalStep = variable.value
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, timer.shouldTrigger(forStep: step) else { return }
    guard let (seconds, steps) = timer.updateLastTriggeredStep(step) else { return }
    trainSeconds += seconds
    totalSteps += steps
    let average = batchSize * Double(totalSteps) / trainSeconds
    let current = batchSize * Double(steps) / seconds
    Logging.info(String(format: "Average examples/sec: %g (%g), step = %d", average, current, totalSteps))
  }
}

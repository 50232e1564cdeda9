import EspalierExecutor
import EspalierGraph

/// Writes summaries into an event file every so many steps or seconds. They are computed only in the steps where they
/// are due, together with those.
///
/// Source: `tf.train.SummarySaverHook`.
public final class SummarySaverHook: SessionRunHook {
  private let outputDir: String
  private let scaffold: Scaffold?
  private let givenSummaries: [Tensor]?
  private var timer: SecondOrStepTimer
  private var events: EventLog?
  private var summaries: [Tensor] = []
  private var nextStep: Int?
  private var isDue = false

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - outputDir: The directory of the event file.
  ///   - scaffold: Names the summaries; by default they are the collection `summaries`.
  ///   - summaries: The summaries themselves, scalar strings.
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of `saveSteps` and `saveSecs`, and exactly one of
  ///   `scaffold` and `summaries`, is given.
  public init(
    saveSteps: Int? = nil, saveSecs: Double? = nil, outputDir: String, scaffold: Scaffold? = nil,
    summaries: [Tensor]? = nil
  ) throws(EstimatorError) {
    guard (scaffold == nil) != (summaries == nil) else {
      throw .invalidArgument("Exactly one of scaffold or summary_op must be provided.")
    }
    self.outputDir = outputDir
    self.scaffold = scaffold
    givenSummaries = summaries
    timer = try SecondOrStepTimer(everySecs: saveSecs, everySteps: saveSteps)
  }

  public func begin(_ graph: Graph) throws {
    events = try EventLog.shared(outputDir)
    nextStep = nil
  }

  public func afterCreateSession(_ session: Session) throws {
    _ = try session.requiredGlobalStep(for: "SummarySaverHook")
    summaries = givenSummaries ?? scaffold?.summaries ?? session.graph.collection(.summaries)
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    isDue = nextStep.map { timer.shouldTrigger(forStep: $0) } ?? true
    return isDue ? SessionRunArgs(summaries) : nil
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep else { return }
    if nextStep == nil { try events?.write(.start, step: step) }
    if isDue {
      timer.updateLastTriggeredStep(step)
      try events?.write(summaries: summaries.compactMap { values[$0] }, step: step)
    }
    nextStep = step + 1
  }

  public func end(_ session: Session) throws {
    try events?.flush()
  }
}

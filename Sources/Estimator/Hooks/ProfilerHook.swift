import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Writes down how long each kernel of a step takes, every so many steps or seconds, as `timeline-<step>.json`: a trace
/// that Chrome's `about:tracing` and Perfetto show.
///
/// Source: `tf.train.ProfilerHook`.
public final class ProfilerHook: SessionRunHook {
  private let outputDir: String
  private let showsDataflow: Bool
  private let showsMemory: Bool
  private var timer: SecondOrStepTimer
  private var nextStep: Int?
  private var isDue = false

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - outputDir: Where the traces go; by default the current directory.
  ///   - showDataflow: Whether arrows lead from where a value is made to where it is used.
  ///   - showMemory: Whether a track shows the bytes that each kernel gives.
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of `saveSteps` and `saveSecs` is given.
  public init(
    saveSteps: Int? = nil, saveSecs: Double? = nil, outputDir: String = "", showDataflow: Bool = true,
    showMemory: Bool = false
  ) throws(EstimatorError) {
    self.outputDir = outputDir
    showsDataflow = showDataflow
    showsMemory = showMemory
    timer = try SecondOrStepTimer(everySecs: saveSecs, everySteps: saveSteps)
  }

  public func begin(_ graph: Graph) {
    nextStep = nil
    timer.reset()
  }

  public func afterCreateSession(_ session: Session) throws {
    _ = try session.requiredGlobalStep(for: "ProfilerHook")
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    isDue = nextStep.map { timer.shouldTrigger(forStep: $0) } ?? false
    guard isDue else { return nil }
    var args = SessionRunArgs()
    args.recordsTimeline = true
    return args
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep else { return }
    // Not in the first steps: plans are made there.
    if nextStep == nil { timer.updateLastTriggeredStep(step - 1) }
    if isDue, let timeline = values.timeline {
      timer.updateLastTriggeredStep(step)
      let path = outputDir.isEmpty ? "timeline-\(step).json" : FilePath.join(outputDir, "timeline-\(step).json")
      Logging.info("Saving timeline for \(step) into '\(path)'.")
      if !outputDir.isEmpty { try LocalFileSystem().createDirectory(outputDir) }
      let text = timeline.chromeTrace(showDataflow: showsDataflow, showMemory: showsMemory)
      try LocalFileSystem().replaceFile(path, with: Array(text.utf8))
    }
    nextStep = step + 1
  }
}

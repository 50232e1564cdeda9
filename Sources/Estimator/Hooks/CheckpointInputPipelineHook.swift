import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Saves where the input of a training stands apart from the model, as often as the estimator saves: as checkpoints
/// `input.ckpt-<step>` in the model directory, which `checkpoint_input` lists. A training that goes on reads its input
/// from there.
///
/// Checkpoints of models hold the same already, unless `RunConfig.resumesInput` is false: then the hook decides for each
/// training whether its input goes on.
///
/// Source: `tf.data.experimental.CheckpointInputPipelineHook`.
public final class CheckpointInputPipelineHook: SessionRunHook {
  private let input: () -> InputFeed?
  private let directory: String
  private let name: String
  private let saver: Saver
  private var timer: SecondOrStepTimer

  /// Returns a hook for trainings of an estimator.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the estimator saves no checkpoints.
  public init<Params>(_ estimator: Estimator<Params>) throws(EstimatorError) {
    let config = estimator.config
    guard config.savesCheckpoints else {
      throw .invalidArgument("The input is saved as often as the model, but the estimator saves no checkpoints.")
    }
    timer = try SecondOrStepTimer(everySecs: config.saveCheckpointsSecs, everySteps: config.saveCheckpointsSteps)
    input = { [weak estimator] in estimator?.trainingInput }
    directory = estimator.modelDir
    let cluster = config.cluster
    name = "input" + (cluster.numWorkerReplicas > 1 ? "_\(cluster.taskType)_\(cluster.taskId)" : "")
    saver = Saver(variables: [Variable](), allowEmpty: true)
  }

  public func begin(_ graph: Graph) { timer.reset() }

  public func afterCreateSession(_ session: Session) throws {
    let step = try step(of: session)
    if let checkpoint = try checkpoint(at: step) {
      Logging.info("Restoring parameters from \(checkpoint.prefix)")
      let state = try TrainingState(checkpoint)
      try feed().move(toPass: state.inputPass, position: state.inputPosition)
    } else {
      try save(session, step)
    }
    timer.updateLastTriggeredStep(step)
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, timer.shouldTrigger(forStep: step) else { return }
    timer.updateLastTriggeredStep(step)
    try save(context.session, step)
  }

  public func end(_ session: Session) throws {
    let step = try step(of: session)
    if step != timer.lastTriggeredStep { try save(session, step) }
  }

  private func step(of session: Session) throws -> Int {
    try session.requiredGlobalStep(for: "CheckpointInputPipelineHook")
  }

  private func feed() throws(EstimatorError) -> InputFeed {
    if let feed = input() { return feed }
    throw .invalidArgument("CheckpointInputPipelineHook is for trainings of the estimator that it was made with.")
  }

  /// Returns the checkpoint of the step that the model has, or else the latest one; nil if there is none.
  private func checkpoint(at step: Int) throws -> CheckpointReader? {
    let saved = CheckpointDirectory(directory, stateName: "checkpoint_" + name)
    let prefixes = try saved.candidates()
    let ofStep = prefixes.first { CheckpointDirectory.step(of: $0) == step }
    if ofStep == nil, let latest = prefixes.first {
      Logging.warn("There is no input checkpoint of step \(step): the input goes on from \(latest).")
    }
    return try (ofStep ?? prefixes.first).map { try CheckpointReader(prefix: $0) }
  }

  private func save(_ session: Session, _ step: Int) throws {
    let feed = try feed()
    var state = TrainingState()
    state.inputPass = feed.pass
    state.inputPosition = feed.position
    _ = try saver.save(
      session, directory: directory, step: step, baseName: name + ".ckpt", latestFilename: "checkpoint_" + name,
      writeMetaGraph: false, extras: state.tensors)
  }
}

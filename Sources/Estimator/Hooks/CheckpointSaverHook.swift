import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// What is told before and after a checkpoint is saved. All calls have empty defaults.
///
/// Source: `tf.train.CheckpointSaverListener`.
public protocol CheckpointSaverListener: AnyObject {
  /// Called once before the graph is closed.
  func begin(_ graph: Graph) throws
  /// Called before each save.
  func beforeSave(_ session: Session, globalStep: Int) throws
  /// Called after each save; returns whether training should stop.
  func afterSave(_ session: Session, globalStep: Int) throws -> Bool
  /// Called once after the last save.
  func end(_ session: Session, globalStep: Int) throws
}

extension CheckpointSaverListener {
  public func begin(_ graph: Graph) throws {}
  public func beforeSave(_ session: Session, globalStep: Int) throws {}
  public func afterSave(_ session: Session, globalStep: Int) throws -> Bool { false }
  public func end(_ session: Session, globalStep: Int) throws {}
}

/// Saves checkpoints: before the first step, every so many steps or seconds, and after the last step.
///
/// Source: `tf.train.CheckpointSaverHook`.
public final class CheckpointSaverHook: SessionRunHook {
  private let directory: String
  private let baseName: String
  private let givenSaver: Saver?
  private let scaffold: Scaffold?
  private let savesGraph: Bool
  private var timer: SecondOrStepTimer
  private var listeners: [any CheckpointSaverListener]
  private var events: EventLog?
  /// Returns what belongs into a checkpoint besides variables.
  var extras: (Session) throws -> [String: HostTensor] = { session in
    var state = TrainingState()
    state.randomInvocation = session.randomInvocation
    return state.tensors
  }
  /// Is told the path prefix of each checkpoint, before the listeners are.
  var noteSave: (String) throws -> Void = { _ in }

  private lazy var saver: Saver = givenSaver ?? scaffold?.saver ?? Saver()

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - checkpointDir: The directory of the checkpoints.
  ///   - saveSecs: Seconds between two saves.
  ///   - saveSteps: Steps between two saves.
  ///   - saver: What saves; by default that of `scaffold`, or one with the usual retention.
  ///   - saveGraphDef: Whether the graph is written: as `graph.pbtxt`, and beside each checkpoint as a `.meta` file.
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of `saveSecs` and `saveSteps` is given, or if both
  ///   `saver` and `scaffold` are.
  public init(
    checkpointDir: String, saveSecs: Double? = nil, saveSteps: Int? = nil, saver: Saver? = nil,
    checkpointBasename: String = "model.ckpt", scaffold: Scaffold? = nil,
    listeners: [any CheckpointSaverListener] = [], saveGraphDef: Bool = true
  ) throws(EstimatorError) {
    Logging.info("Create CheckpointSaverHook.")
    if saver != nil, scaffold != nil {
      throw .invalidArgument("You cannot provide both saver and scaffold.")
    }
    directory = checkpointDir
    baseName = checkpointBasename
    givenSaver = saver
    self.scaffold = scaffold
    savesGraph = saveGraphDef
    self.listeners = listeners
    timer = try SecondOrStepTimer(everySecs: saveSecs, everySteps: saveSteps)
  }

  /// Adds listeners that are not there yet.
  func add(_ more: [any CheckpointSaverListener]) {
    for listener in more where !listeners.contains(where: { $0 === listener }) { listeners.append(listener) }
  }

  public func begin(_ graph: Graph) throws {
    events = try EventLog.shared(directory)
    for listener in listeners { try listener.begin(graph) }
  }

  public func afterCreateSession(_ session: Session) throws {
    let step = try session.requiredGlobalStep(for: "CheckpointSaverHook")
    let graphDef = try session.graph.graphDef()
    if savesGraph { try Graph.write(graphDef, to: FilePath.join(directory, "graph.pbtxt"), asText: true) }
    try events?.write(graph: session.graph, graphDef)
    _ = try save(session, step)
    timer.updateLastTriggeredStep(step)
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, timer.shouldTrigger(forStep: step) else { return }
    timer.updateLastTriggeredStep(step)
    if try save(context.session, step) { context.requestStop() }
  }

  public func end(_ session: Session) throws {
    let step = try session.requiredGlobalStep(for: "CheckpointSaverHook")
    if step != timer.lastTriggeredStep { _ = try save(session, step) }
    for listener in listeners { try listener.end(session, globalStep: step) }
    try events?.flush()
  }

  /// Saves a checkpoint; returns whether a listener asks to stop.
  private func save(_ session: Session, _ step: Int) throws -> Bool {
    Logging.info("Calling checkpoint listeners before saving checkpoint \(step)...")
    for listener in listeners { try listener.beforeSave(session, globalStep: step) }
    let path = FilePath.join(directory, baseName)
    Logging.info("Saving checkpoints for \(step) into \(path).")
    let prefix = try saver.save(
      session, directory: directory, step: step, baseName: baseName, writeMetaGraph: savesGraph,
      extras: try extras(session))
    try noteSave(prefix)
    try events?.write(.checkpoint(path: path), step: step)
    Logging.info("Calling checkpoint listeners after saving checkpoint \(step)...")
    var shouldStop = false
    for listener in listeners where try listener.afterSave(session, globalStep: step) {
      Logging.info("A CheckpointSaverListener requested that training be stopped. listener: \(type(of: listener))")
      shouldStop = true
    }
    return shouldStop
  }
}

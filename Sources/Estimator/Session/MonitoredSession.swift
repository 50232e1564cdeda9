import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// A session with hooks around each step, which ends when one of them asks for it.
///
/// Making one goes through the start of their life: `begin` of all hooks, the graph is closed, variables are restored
/// or initialized, local variables are initialized, `afterCreateSession` of all hooks. `close` calls `end`. An
/// `ExecutionError` of kind `aborted` or `unavailable`, of a run or a hook, does not end it: variables get their first
/// values again, `afterCreateSession` is called again, and the step is made anew.
///
/// Source: `tf.train.MonitoredSession`.
public final class MonitoredSession {
  /// Where variables get their first values from.
  public enum Start {
    /// From their initializers.
    case initializers
    /// From a checkpoint.
    case checkpoint(CheckpointReader)
    /// They have those of this checkpoint already.
    case restored(prefix: String)
    /// They have those of a training that goes on; what that training does not have comes from its initializer.
    case live
  }

  /// The session that runs the steps.
  public let session: Session
  private let hooks: [any SessionRunHook]
  /// Where variables got their first values from.
  let start: Start
  private let scaffold: Scaffold
  /// Whether a hook asked for the loop to end.
  public private(set) var shouldStop = false

  /// Starts the life of the hooks.
  ///
  /// - Parameters:
  ///   - session: A session of a graph to which hooks can still add nodes.
  ///   - start: Where variables get their first values from.
  ///   - hooks: Called in this order.
  /// - Throws: `GraphError` for the first mistake in the graph, and what initializers, the checkpoint and hooks throw.
  public init(
    _ session: Session, from start: Start = .initializers, scaffold: Scaffold = Scaffold(),
    hooks: [any SessionRunHook] = []
  ) throws {
    self.session = session
    self.hooks = hooks
    self.start = start
    self.scaffold = scaffold
    let graph = session.graph
    try graph.whileUnlocked { try withGraph(graph) { for hook in hooks { try hook.begin(graph) } } }
    try graph.check()
    if !graph.isFinalized { graph.finalize() }
    Logging.info("Graph was finalized.")
    try begin(from: start)
  }

  private func begin(from start: Start) throws {
    try Self.fill(session, from: start, scaffold)
    try scaffold.checkReady(session)
    Logging.info("Running local_init_op.")
    try scaffold.initializeLocals(session)
    Logging.info("Done running local_init_op.")
    for hook in hooks { try hook.afterCreateSession(session) }
  }

  private static func fill(_ session: Session, from start: Start, _ scaffold: Scaffold) throws {
    switch start {
    case .initializers: try scaffold.initialize(session)
    case .checkpoint(let checkpoint):
      Logging.info("Restoring parameters from \(checkpoint.prefix)")
      _ = try (scaffold.saver ?? Saver()).restore(session, from: checkpoint)
    case .restored(let prefix): Logging.info("Restoring parameters from \(prefix)")
    case .live: try scaffold.initializeMissing(session)
    }
  }

  /// Makes one step: a single run of the session for the loop and all hooks.
  ///
  /// - Returns: The values of what the loop and the hooks asked for.
  /// - Throws: What hooks and the run throw; `EstimatorError.invalidArgument` if two feed the same tensor.
  @discardableResult
  public func run(_ args: SessionRunArgs) throws -> SessionRunValues {
    while true {
      do { return try step(args) } catch let error as ExecutionError where error.isPreemption {
        try recover(from: error, start)
      }
    }
  }

  /// Makes a step for each batch of an input, until a hook asks for the loop to end, the input ends, or something says
  /// that it is out of range.
  ///
  /// - Parameters:
  ///   - restart: Takes back what the caller did, after an error that says that the machine gave way; returns where
  ///     variables get their values from.
  ///   - makeStep: Makes the step, by `step`; returns whether the loop goes on.
  func run(
    _ input: InputFeed, restart: () throws -> Start, makeStep: (Sample) throws -> Bool
  ) throws {
    while !shouldStop {
      do {
        guard let sample = try input.next(), try makeStep(sample) else { return }
      } catch let error as ExecutionError where error.kind == .outOfRange {
        return
      } catch let error as ExecutionError where error.isPreemption {
        try recover(from: error, try restart())
      }
    }
  }

  /// Ends the loop before its next step.
  func stop() { shouldStop = true }

  /// Begins again after an error that says that the machine gave way.
  func recover(from error: ExecutionError, _ start: Start) throws {
    Logging.info(
      "An error was raised. This may be due to a preemption in a connected worker or parameter server. The current "
        + "session will be closed and a new session will be created. This error may also occur due to a gRPC failure "
        + "caused by high memory or network bandwidth usage in the parameter servers. If this error occurs repeatedly, "
        + "try increasing the number of parameter servers assigned to the job. Error: \(error)")
    shouldStop = false
    try begin(from: start)
  }

  /// Makes one step as `run` does; errors of every kind are the caller's.
  func step(_ args: SessionRunArgs) throws -> SessionRunValues {
    let context = SessionRunContext(session: session, originalArgs: args)
    var merged = MergedArgs(args)
    for hook in hooks {
      if let wish = try hook.beforeRun(context) { try merged.add(wish) }
    }
    guard let values = try run(merged, context) else { return SessionRunValues([:]) }
    // What remembers goes first: savers among the others save the memory with this step in it.
    for hook in hooks where hook is any ResumableHook { try hook.afterRun(context, values) }
    for hook in hooks where !(hook is any ResumableHook) { try hook.afterRun(context, values) }
    if context.stopRequested { shouldStop = true }
    return values
  }

  /// Runs the session; returns nil if the loss is not a number, with variables as they were before the step.
  private func run(_ args: MergedArgs, _ context: SessionRunContext) throws -> SessionRunValues? {
    let recorder = args.recordsTimeline ? KernelRecorder() : nil
    let previous = session.observer
    if let recorder { session.observer = recorder }
    defer { session.observer = previous }
    var results: [HostTensor]?
    if let watcher = hooks.lazy.compactMap({ $0 as? NanTensorHook }).first {
      let check = watcher.check(session, args.feeding)
      results = try session.run(args.fetches, targets: args.targets, feeding: args.feeding, checking: check)
      if results == nil {
        shouldStop = true
        try watcher.endLoop()
      }
    } else {
      results = try session.run(args.fetches, targets: args.targets, feeding: args.feeding)
    }
    return results.map { results in
      SessionRunValues(
        Dictionary(uniqueKeysWithValues: zip(args.fetches, results)),
        timeline: recorder.map { Timeline($0.times) })
    }
  }

  /// Ends the life of the hooks. Not to be called after an error.
  public func close() throws {
    for hook in hooks { try hook.end(session) }
  }
}

extension ExecutionError {
  /// Whether it says that the machine gave way and not that the program is wrong.
  ///
  /// Source: `_PREEMPTION_ERRORS` of TensorFlow's `monitored_session.py`.
  var isPreemption: Bool { kind == .aborted || kind == .unavailable }
}

/// What the loop and its hooks want of a step, each thing once.
private struct MergedArgs {
  private(set) var fetches: [Tensor] = []
  private(set) var targets: [Node] = []
  private(set) var feeding: [Tensor: HostTensor]
  private(set) var recordsTimeline: Bool
  private var seen: Set<Tensor> = []

  init(_ args: SessionRunArgs) {
    feeding = args.feeding
    recordsTimeline = args.recordsTimeline
    append(args)
  }

  mutating func add(_ args: SessionRunArgs) throws(EstimatorError) {
    if args.recordsTimeline { recordsTimeline = true }
    for (tensor, value) in args.feeding {
      guard feeding.updateValue(value, forKey: tensor) == nil else {
        throw .invalidArgument("Same tensor is fed by two hooks.")
      }
    }
    append(args)
  }

  private mutating func append(_ args: SessionRunArgs) {
    for tensor in args.fetches where seen.insert(tensor).inserted { fetches.append(tensor) }
    for node in args.targets where !targets.contains(node) { targets.append(node) }
  }
}

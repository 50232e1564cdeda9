import EspalierExecutor
import EspalierGraph

/// How the variables of a model get their first values and are saved, where a model wants it otherwise than usual.
///
/// Source: `tf.train.Scaffold`.
public final class Scaffold {
  /// Nodes that run instead of the initializers of all global variables.
  public var initOps: [Node]?
  /// What is fed to them.
  public var initFeeding: [Tensor: HostTensor]
  /// Called after variables were initialized; not when they were restored from a checkpoint.
  public var initFn: ((Session) throws -> Void)?
  /// Nodes that run instead of the initializers of all local variables.
  public var localInitOps: [Node]?
  /// The summaries to be written, instead of the collection `summaries`.
  public var summaries: [Tensor]?
  /// What saves and restores, instead of a saver of all global variables.
  public var saver: Saver?

  /// Returns a scaffold; what is nil is done as usual.
  public init(
    initOps: [Node]? = nil, initFeeding: [Tensor: HostTensor] = [:], initFn: ((Session) throws -> Void)? = nil,
    localInitOps: [Node]? = nil, summaries: [Tensor]? = nil, saver: Saver? = nil
  ) {
    self.initOps = initOps
    self.initFeeding = initFeeding
    self.initFn = initFn
    self.localInitOps = localInitOps
    self.summaries = summaries
    self.saver = saver
  }

  /// Gives all global variables their first values.
  func initialize(_ session: Session) throws {
    let usual = session.graph.collection(.globalVariables, of: Variable.self).map(\.initializer)
    let ops = initOps ?? usual
    if !ops.isEmpty { _ = try session.run([], targets: ops, feeding: initFeeding) }
    try initFn?(session)
  }

  /// Gives all local variables their first values.
  func initializeLocals(_ session: Session) throws {
    let usual = session.graph.collection(.localVariables, of: Variable.self).map(\.initializer)
    let ops = localInitOps ?? usual
    if !ops.isEmpty { _ = try session.run([], targets: ops) }
  }

  /// Throws if a global variable has no value.
  func checkReady(_ session: Session) throws {
    let names = session.graph.collection(.globalVariables, of: Variable.self).map(\.name)
    let bare = names.filter { !session.variables.isInitialized($0) }
    guard bare.isEmpty else {
      throw ExecutionError("Variables not initialized: \(bare.joined(separator: ", "))", kind: .failedPrecondition)
    }
  }
}

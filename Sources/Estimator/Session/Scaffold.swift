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
  /// A tensor of the names of variables without a value, instead of a look at all global variables: the model is ready
  /// when it is empty.
  public var readyOp: Tensor?
  /// The same for what local initializers need.
  public var readyForLocalInitOp: Tensor?
  /// Nodes that run instead of the initializers of all local variables.
  public var localInitOps: [Node]?
  /// The summaries to be written, instead of the collection `summaries`.
  public var summaries: [Tensor]?
  /// What saves and restores, instead of the member of the collection `savers`, or else a saver of all global variables.
  public var saver: Saver?

  /// Returns a scaffold; what is nil is as in `copyFrom`, if given, or else done as usual.
  public init(
    initOps: [Node]? = nil, initFeeding: [Tensor: HostTensor] = [:], initFn: ((Session) throws -> Void)? = nil,
    readyOp: Tensor? = nil, readyForLocalInitOp: Tensor? = nil, localInitOps: [Node]? = nil,
    summaries: [Tensor]? = nil, saver: Saver? = nil, copyFrom other: Scaffold? = nil
  ) {
    self.initOps = initOps ?? other?.initOps
    self.initFeeding = initFeeding.isEmpty ? other?.initFeeding ?? [:] : initFeeding
    self.initFn = initFn ?? other?.initFn
    self.readyOp = readyOp ?? other?.readyOp
    self.readyForLocalInitOp = readyForLocalInitOp ?? other?.readyForLocalInitOp
    self.localInitOps = localInitOps ?? other?.localInitOps
    self.summaries = summaries ?? other?.summaries
    self.saver = saver ?? other?.saver
  }

  /// Takes the saver that the model put into the collection `savers`, unless the scaffold has one.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if there are several.
  func adoptSaver(of graph: Graph) throws(EstimatorError) {
    guard saver == nil else { return }
    let savers = graph.collection(.savers, of: Saver.self)
    guard savers.count <= 1 else {
      throw .invalidArgument(
        "More than one item in collection savers. Please indicate which one to use by passing it to the constructor.")
    }
    saver = savers.first
  }

  /// Gives all global variables their first values.
  func initialize(_ session: Session) throws {
    let usual = session.graph.collection(.globalVariables, of: Variable.self).map(\.initializer)
    let ops = initOps ?? usual
    if !ops.isEmpty { _ = try session.run([], targets: ops, feeding: initFeeding) }
    try CheckpointInitializer.apply(in: session)
    try initFn?(session)
  }

  /// Gives the global variables that have no value their first ones.
  func initializeMissing(_ session: Session) throws {
    let all = session.graph.collection(.globalVariables, of: Variable.self)
    let ops = all.filter { !session.variables.isInitialized($0.name) }.map(\.initializer)
    if !ops.isEmpty { _ = try session.run([], targets: ops) }
  }

  /// Gives all local variables their first values.
  func initializeLocals(_ session: Session) throws {
    try check(readyForLocalInitOp, session)
    let usual = session.graph.collection(.localVariables, of: Variable.self).map(\.initializer)
    let ops = localInitOps ?? usual
    if !ops.isEmpty { _ = try session.run([], targets: ops) }
  }

  /// Throws if a global variable has no value.
  func checkReady(_ session: Session) throws {
    if let readyOp { return try check(readyOp, session) }
    let names = session.graph.collection(.globalVariables, of: Variable.self).map(\.name)
    try Self.refuse(names.filter { !session.variables.isInitialized($0) })
  }

  private func check(_ op: Tensor?, _ session: Session) throws {
    guard let op else { return }
    try Self.refuse(try session.run(op).strings().map { String(decoding: $0, as: UTF8.self) })
  }

  private static func refuse(_ names: [String]) throws(ExecutionError) {
    guard !names.isEmpty else { return }
    throw ExecutionError("Variables not initialized: \(names.joined(separator: ", "))", kind: .failedPrecondition)
  }
}

extension Saver: CollectionMember {
  public var name: String { "save" }
}

import EspalierExecutor
import EspalierGraph

/// What takes part in a loop of steps: it can add to each step's fetches, look at their values, and end the loop.
///
/// The calls come in this order: `begin` once, while the graph can still grow; `afterCreateSession` once, when variables
/// have their values; `beforeRun` and `afterRun` around each step; `end` once, unless the loop ends with an error. All
/// have empty defaults.
///
///     final class CountdownHook: SessionRunHook {
///       var left: Int
///       init(from count: Int) { left = count }
///       func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
///         left -= 1
///         if left == 0 { context.requestStop() }
///       }
///     }
///
/// Source: `tf.train.SessionRunHook`.
public protocol SessionRunHook: AnyObject {
  /// Called once before the graph is closed; nodes that are added go to `graph`.
  func begin(_ graph: Graph) throws
  /// Called once when variables are initialized or restored.
  func afterCreateSession(_ session: Session) throws
  /// Returns what this step should fetch, run and feed besides, or nil.
  func beforeRun(_ context: SessionRunContext) throws -> SessionRunArgs?
  /// Called after each step with the values that `beforeRun` asked for.
  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws
  /// Called once after the last step; not after an error.
  func end(_ session: Session) throws
}

extension SessionRunHook {
  public func begin(_ graph: Graph) throws {}
  public func afterCreateSession(_ session: Session) throws {}
  public func beforeRun(_ context: SessionRunContext) throws -> SessionRunArgs? { nil }
  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {}
  public func end(_ session: Session) throws {}
}

/// What a hook adds to a step.
///
/// Source: `tf.train.SessionRunArgs`.
public struct SessionRunArgs {
  /// Tensors whose values `afterRun` gets.
  public var fetches: [Tensor]
  /// Nodes that run without giving a value.
  public var targets: [Node]
  /// Values of tensors; two hooks must not feed the same tensor.
  public var feeding: [Tensor: HostTensor]
  /// Whether the step notes how long each kernel takes, which `SessionRunValues.timeline` tells then.
  public var recordsTimeline = false
  /// The number of examples in the batch that the loop feeds.
  var exampleCount = 0

  /// Returns additions to a step.
  public init(_ fetches: [Tensor] = [], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:]) {
    self.fetches = fetches
    self.targets = targets
    self.feeding = feeding
  }
}

/// The values of a step, by the tensors that were asked for.
///
/// Source: `tf.train.SessionRunValues`.
public struct SessionRunValues {
  private let values: [Tensor: HostTensor]
  /// How long each kernel took, if somebody asked for it in this step.
  public let timeline: Timeline?

  init(_ values: [Tensor: HostTensor], timeline: Timeline? = nil) {
    self.values = values
    self.timeline = timeline
  }

  /// Returns the value of a tensor, or nil if nobody asked for it in this step.
  public subscript(tensor: Tensor) -> HostTensor? { values[tensor] }

  /// Returns the value of a scalar in double precision, or nil if nobody asked for it or it is not a number.
  public func number(_ tensor: Tensor) -> Double? {
    guard let value = values[tensor], value.count == 1 else { return nil }
    return (try? value.doubles())?.first
  }
}

/// The step that is being made, as hooks see it.
///
/// Source: `tf.train.SessionRunContext`.
public final class SessionRunContext {
  /// The session, for runs of a hook's own.
  public let session: Session
  /// What the loop itself fetches in this step.
  public let originalArgs: SessionRunArgs
  /// Whether a hook asked for the loop to end.
  public private(set) var stopRequested = false

  init(session: Session, originalArgs: SessionRunArgs) {
    self.session = session
    self.originalArgs = originalArgs
  }

  /// Ends the loop after this step.
  public func requestStop() {
    stopRequested = true
  }

  /// The global step now: in `afterRun` the one that this step reached; nil if the graph has none.
  public var globalStep: Int? { session.globalStep }
}

extension Session {
  /// The value of the variable `global_step`, or nil if there is none. Reading it runs nothing.
  public var globalStep: Int? {
    guard let value = variables.value(of: "global_step"), value.count == 1 else { return nil }
    return (try? value.doubles()).flatMap { $0.first }.map { Int($0) }
  }
}

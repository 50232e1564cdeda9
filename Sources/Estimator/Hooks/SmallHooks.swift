import EspalierExecutor
import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Computes tensors once, after the last step.
///
/// Source: `tf.train.FinalOpsHook`.
public final class FinalOpsHook: SessionRunHook {
  private let tensors: [String: Tensor]
  private let feeding: [Tensor: HostTensor]
  /// The values by name, when the loop is over.
  public private(set) var finalOpsValues: [String: HostTensor] = [:]

  /// Returns a hook that computes `tensors`.
  public init(_ tensors: [String: Tensor], feeding: [Tensor: HostTensor] = [:]) {
    self.tensors = tensors
    self.feeding = feeding
  }

  public func end(_ session: Session) throws {
    let ordered = tensors.sorted { $0.key < $1.key }
    let values = try session.run(ordered.map(\.value), feeding: feeding)
    finalOpsValues = Dictionary(uniqueKeysWithValues: zip(ordered.map(\.key), values))
  }
}

/// Feeds each step what a closure returns.
///
/// Source: `tf.train.FeedFnHook`.
public final class FeedFnHook: SessionRunHook {
  private let feedFn: () throws -> [Tensor: HostTensor]

  /// Returns a hook that feeds what `feedFn` returns.
  public init(_ feedFn: @escaping () throws -> [Tensor: HostTensor]) {
    self.feedFn = feedFn
  }

  public func beforeRun(_ context: SessionRunContext) throws -> SessionRunArgs? {
    SessionRunArgs(feeding: try feedFn())
  }
}

/// Waits, before the first step, until others have brought the global step this far.
///
/// Source: `tf.train.GlobalStepWaiterHook`.
public final class GlobalStepWaiterHook: SessionRunHook {
  private let waitUntilStep: Int
  private let readGlobalStep: (Session) -> Int?
  private var hasStarted = false

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - waitUntilStep: The global step to wait for.
  ///   - globalStep: Reads the global step; by default that of the session.
  public init(waitUntilStep: Int, globalStep: @escaping (Session) -> Int? = { $0.globalStep }) {
    self.waitUntilStep = waitUntilStep
    readGlobalStep = globalStep
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    guard !hasStarted, waitUntilStep > 0 else { return nil }
    Logging.info("Waiting for global step \(waitUntilStep) before starting training.")
    var lastLogged = 0
    while let step = readGlobalStep(context.session), step < waitUntilStep {
      if step - lastLogged > 1000 {
        Logging.info("Waiting for global step \(waitUntilStep) before starting training. Current step is \(step).")
        lastLogged = step
      }
      usleep(500_000)
    }
    hasStarted = true
    return nil
  }
}

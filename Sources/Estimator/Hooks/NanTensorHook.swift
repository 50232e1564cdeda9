import EspalierGraph

/// Ends the loop when the loss is not a number.
///
/// Source: `tf.train.NanTensorHook`.
public final class NanTensorHook: SessionRunHook {
  private let loss: Tensor
  private let failsOnNanLoss: Bool

  /// Returns a hook.
  ///
  /// - Parameter failOnNanLoss: Whether the loop ends with `EstimatorError.nanLoss`, or as if it were complete.
  public init(_ loss: Tensor, failOnNanLoss: Bool = true) {
    self.loss = loss
    failsOnNanLoss = failOnNanLoss
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? { SessionRunArgs([loss]) }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let value = values.number(loss), value.isNaN else { return }
    if failsOnNanLoss {
      Logging.error("Model diverged with loss = NaN.")
      throw EstimatorError.nanLoss
    }
    Logging.warn("Model diverged with loss = NaN.")
    context.requestStop()
  }
}

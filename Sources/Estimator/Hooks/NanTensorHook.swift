import EspalierExecutor
import EspalierGraph

/// Ends the loop when the loss is not a number.
///
/// The loss is looked at as soon as it is known, before the step changes weights: they stay as the last good step left
/// them. The log names the first operation whose result is not finite, the ranges of its inputs, and the line of the
/// program that made it; of an infinite loss, which does not end the loop, it does so once.
///
/// Source: `tf.train.NanTensorHook`.
public final class NanTensorHook: SessionRunHook {
  private let loss: Tensor
  private let failsOnNanLoss: Bool
  private var hasExplained = false

  /// Returns a hook.
  ///
  /// - Parameter failOnNanLoss: Whether the loop ends with `EstimatorError.nanLoss`, or as if it were complete.
  public init(_ loss: Tensor, failOnNanLoss: Bool = true) {
    self.loss = loss
    failsOnNanLoss = failOnNanLoss
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? { SessionRunArgs([loss]) }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    // Reached only where several such hooks look at several tensors.
    guard let value = values.number(loss), value.isNaN else { return }
    context.requestStop()
    try endLoop()
  }

  /// Returns the look at the loss in the middle of a step.
  func check(_ session: Session, _ feeding: [Tensor: HostTensor]) -> ValueCheck {
    ValueCheck(loss) { [self] value in
      if value.isFinite { return true }
      if value.isNaN || !hasExplained { explain(value, session, feeding) }
      return !value.isNaN
    }
  }

  /// Ends the loop as the hook was told to.
  func endLoop() throws(EstimatorError) {
    if failsOnNanLoss {
      Logging.error("Model diverged with loss = NaN.")
      throw EstimatorError.nanLoss
    }
    Logging.warn("Model diverged with loss = NaN.")
  }

  private func explain(_ value: Double, _ session: Session, _ feeding: [Tensor: HostTensor]) {
    hasExplained = true
    let step = session.globalStep.map { "step \($0 + 1)" } ?? "this step"
    let what = value.isNaN ? "not a number" : "infinite"
    // Whatever goes wrong in the search, training has to end with its own error.
    guard let origin = (try? session.originOfNonFinite([loss], feeding: feeding)) ?? nil else { return }
    Logging.warn("The loss of \(step) is \(what). \(origin)")
  }
}

extension NonFiniteOrigin: CustomStringConvertible {
  package var description: String {
    let place = site.flatMap(\.location).map { " (\($0.file):\($0.line))" } ?? ""
    let kinds = [(output.nans, "NaN"), (output.infinities, "infinite")].filter { $0.0 > 0 }
    let bad = kinds.map { "\($0.0) \($0.1)" }.joined(separator: " and ")
    let result = "\(bad) of \(output.count) numbers"
    if inputs.isEmpty {
      let what = operation == "Placeholder" ? "The input" : "The variable"
      return "\(what) \(node)\(place) has \(result) before the step."
    }
    let given = inputs.map(\.description).joined(separator: ", ")
    return "The first operation to blame is \(operation) \(node)\(place): it made \(result) out of \(given)."
  }
}

extension NonFiniteOrigin.Range: CustomStringConvertible {
  package var description: String {
    guard let finite else { return "\(name) \(type)" }
    return "\(name) \(type) in \(Text.general(finite.lowerBound)) … \(Text.general(finite.upperBound))"
  }
}

import EspalierGraph

/// Moves each variable by a decaying sum of gradients, each measured by the root of the mean squared gradient.
///
/// Slots `rms` (begins at 1), `mg` if centered, `momentum`: `<variable>/RMSProp`, `_1`, `_2`. Epsilon is inside the
/// root.
///
/// Source: Tieleman and Hinton 2012, `tf.train.RMSPropOptimizer`.
public final class RMSPropOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]
  private let centered: Bool

  /// Returns an optimizer.
  ///
  /// - Parameter centered: Whether the gradient is measured by its standard deviation instead.
  public init(
    learningRate: any TensorConvertible, decay: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-10,
    centered: Bool = false, name: String = "RMSProp"
  ) {
    numbers = [
      ("learning_rate", learningRate), ("decay", decay), ("momentum", momentum), ("epsilon", epsilon),
    ]
    self.centered = centered
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables {
      makeSlot("rms", for: variable, initializer: Initializers.ones)
      if centered { makeSlot("mg", for: variable) }
      makeSlot("momentum", for: variable)
    }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    let slots = (centered ? ["mg", "rms", "momentum"] : ["rms", "momentum"]).compactMap { slot($0, of: variable) }
    let inputs =
      [variable.handle] + slots.map(\.handle) + numbers.map { hyperparameter($0.name, for: variable) } + [gradient]
    return centered ? UpdateStep(ApplyCenteredRMSProp(), inputs) : UpdateStep(ApplyRMSProp(), inputs)
  }
}

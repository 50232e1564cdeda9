import EspalierGraph

/// Moves each variable against its mean gradient, measured by the root of its mean squared gradient, with both means
/// corrected for their start at zero.
///
/// Slots `m` and `v`: `<variable>/Adam`, `<variable>/Adam_1`; variables `beta1_power`, `beta2_power`. Epsilon joins the
/// root before the correction ("epsilon hat" of the paper). Sparse gradients let the moments of all rows decay.
///
/// Source: Kingma and Ba 2014, "Adam: A Method for Stochastic Optimization"; `tf.train.AdamOptimizer`.
public final class AdamOptimizer: Optimizer {
  private let learningRate: any TensorConvertible
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private var powers: (beta1: Variable, beta2: Variable)?

  /// Returns an optimizer.
  public init(
    learningRate: any TensorConvertible = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    name: String = "Adam"
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] {
    [("learning_rate", learningRate), ("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon)]
  }

  public override func makeSlots(for variables: [Variable]) {
    // One pair of powers for all, beside the variable whose name comes first.
    if powers == nil, let first = variables.min(by: { $0.name < $1.name }) {
      powers = (
        makeVariable("beta1_power", like: first, initialValue: beta1),
        makeVariable("beta2_power", like: first, initialValue: beta2)
      )
    }
    for variable in variables {
      makeSlot("m", for: variable)
      makeSlot("v", for: variable)
    }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    guard let powers else { return UpdateStep(ApplyAdam(), [variable.handle, gradient]) }
    let type = variable.dataType
    return UpdateStep(
      ApplyAdam(),
      [
        variable.handle, makeSlot("m", for: variable).handle, makeSlot("v", for: variable).handle,
        cast(powers.beta1.value, to: type), cast(powers.beta2.value, to: type),
        hyperparameter("learning_rate", for: variable), hyperparameter("beta1", for: variable),
        hyperparameter("beta2", for: variable), hyperparameter("epsilon", for: variable), gradient,
      ])
  }

  public override var updatesAllRows: Bool { true }

  public override func afterUpdates() -> [Node] {
    guard let powers else { return [] }
    return [(powers.beta1, "beta1"), (powers.beta2, "beta2")].map { power, decay in
      power.assign(applied(power.value * hyperparameter(decay, for: power), else: power.value)).node
    }
  }
}

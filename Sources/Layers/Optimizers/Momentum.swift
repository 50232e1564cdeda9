import EspalierGraph

/// Moves each variable against a decaying sum of its gradients.
///
/// a ← m·a + g, v ← v − r·a; with Nesterov's step, v ← v − r·(g + m·a). Slot `momentum`: `<variable>/Momentum`.
///
/// Source: `tf.train.MomentumOptimizer`.
public final class MomentumOptimizer: Optimizer {
  private let learningRate: any TensorConvertible
  private let momentum: any TensorConvertible
  private let useNesterov: Bool

  /// Returns an optimizer; learning rate and momentum are numbers or scalar tensors.
  public init(
    learningRate: any TensorConvertible, momentum: any TensorConvertible, useNesterov: Bool = false,
    name: String = "Momentum"
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.useNesterov = useNesterov
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] {
    [("learning_rate", learningRate), ("momentum", momentum)]
  }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables { makeSlot("momentum", for: variable) }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyMomentum(useNesterov: useNesterov),
      [
        variable.handle, makeSlot("momentum", for: variable).handle, hyperparameter("learning_rate", for: variable),
        gradient, hyperparameter("momentum", for: variable),
      ])
  }
}

/// Momentum with a learning rate of its own for each variable, in proportion to the norm of the variable over that of
/// its gradient; for large batches.
///
/// A variable whose name holds one of `skipList` takes plain momentum without weight decay.
///
/// Source: You, Gitman and Ginsburg 2017, "Large Batch Training of Convolutional Networks";
/// `tf.contrib.opt.LARSOptimizer`.
public final class LARSOptimizer: Optimizer {
  private let learningRate: any TensorConvertible
  private let momentum: Double
  private let weightDecay: Double
  private let trustCoefficient: Double
  private let epsilon: Double
  private let skipList: [String]
  private let useNesterov: Bool

  /// Returns an optimizer.
  ///
  /// - Parameters:
  ///   - weightDecay: Times the variable, joins the gradient.
  ///   - eeta: How far a step may go in proportion to the norm of the variable.
  ///   - epsilon: Joins the divisor.
  public init(
    learningRate: any TensorConvertible, momentum: Double = 0.9, weightDecay: Double = 0.0001, eeta: Double = 0.001,
    epsilon: Double = 0, skipList: [String] = [], useNesterov: Bool = false, name: String = "LARSOptimizer"
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    trustCoefficient = eeta
    self.epsilon = epsilon
    self.skipList = skipList
    self.useNesterov = useNesterov
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] {
    [("learning_rate", learningRate), ("momentum", momentum)]
  }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables { makeSlot("momentum", for: variable) }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    let rate = hyperparameter("learning_rate", for: variable)
    let skipped = skipList.contains { variable.name.contains($0) }
    let (scaledRate, decayed) =
      skipped
      ? (rate, gradient)
      : (rate * trustRatio(variable.value, gradient), gradient + weightDecay * variable.value)
    return UpdateStep(
      ApplyMomentum(useNesterov: useNesterov),
      [
        variable.handle, makeSlot("momentum", for: variable).handle, scaledRate, decayed,
        hyperparameter("momentum", for: variable),
      ])
  }

  private func trustRatio(_ weights: Tensor, _ gradient: Tensor) -> Tensor {
    let weightNorm = sqrt(reduceSum(square(weights)))
    let gradientNorm = sqrt(reduceSum(square(gradient)))
    let divisor = gradientNorm + weightDecay * weightNorm + epsilon
    let one = ones(like: weightNorm)
    let zero = zeros(like: weightNorm)
    let bothPositive = logicalAnd(greater(weightNorm, zero), greater(gradientNorm, zero))
    return select(bothPositive, trustCoefficient * weightNorm / select(bothPositive, divisor, one), one)
  }
}

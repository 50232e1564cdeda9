import EspalierGraph

/// Moves each variable against its gradient, times the learning rate.
///
/// Source: `tf.train.GradientDescentOptimizer`.
public final class GradientDescentOptimizer: Optimizer {
  private let learningRate: any TensorConvertible

  /// Returns an optimizer with this learning rate: a number or a scalar tensor.
  public init(learningRate: any TensorConvertible, name: String = "GradientDescent") {
    self.learningRate = learningRate
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] {
    [("learning_rate", learningRate)]
  }
}

/// Moves each variable against its gradient, then shrinks it as L1 and L2 regularization demand.
///
/// Source: `tf.train.ProximalGradientDescentOptimizer`.
public final class ProximalGradientDescentOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]

  /// Returns an optimizer.
  public init(
    learningRate: any TensorConvertible, l1RegularizationStrength: Double = 0, l2RegularizationStrength: Double = 0,
    name: String = "ProximalGradientDescent"
  ) {
    numbers = [
      ("learning_rate", learningRate), ("l1_regularization", l1RegularizationStrength),
      ("l2_regularization", l2RegularizationStrength),
    ]
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyProximalGradientDescent(),
      [variable.handle] + numbers.map { hyperparameter($0.name, for: variable) } + [gradient])
  }
}

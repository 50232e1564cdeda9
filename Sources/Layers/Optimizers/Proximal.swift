import EspalierGraph

/// Moves each variable as `AdagradOptimizer` does, then shrinks it as L1 and L2 regularization demand.
///
/// Slot `accumulator`: `<variable>/ProximalAdagrad`.
///
/// Source: Duchi and Singer 2009, `tf.train.ProximalAdagradOptimizer`.
public final class ProximalAdagradOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]
  private let initialAccumulatorValue: Double

  /// Returns an optimizer.
  ///
  /// - Parameter initialAccumulatorValue: What the sums of squares begin with, more than 0.
  public init(
    learningRate: any TensorConvertible, initialAccumulatorValue: Double = 0.1, l1RegularizationStrength: Double = 0,
    l2RegularizationStrength: Double = 0, name: String = "ProximalAdagrad"
  ) {
    numbers = [
      ("learning_rate", learningRate), ("l1_regularization_strength", l1RegularizationStrength),
      ("l2_regularization_strength", l2RegularizationStrength),
    ]
    self.initialAccumulatorValue = initialAccumulatorValue
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func makeSlots(for variables: [Variable]) {
    makeSlots("accumulator", for: variables, of: initialAccumulatorValue, "initial_accumulator_value")
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyProximalAdagrad(),
      [variable.handle, makeSlot("accumulator", for: variable).handle]
        + numbers.map { hyperparameter($0.name, for: variable) } + [gradient])
  }
}

/// Moves each variable to where the mean of all gradients so far, with regularization, is least: the values at the
/// beginning are forgotten at the first step.
///
/// Slots `gradient_accumulator` and `gradient_squared_accumulator`: `<variable>/AdagradDA`, `<variable>/AdagradDA_1`.
///
/// Source: Duchi, Hazan and Singer 2011, `tf.train.AdagradDAOptimizer`.
public final class AdagradDAOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]
  private let globalStep: Variable
  private let initialSquaredAccumulatorValue: Double

  /// Returns an optimizer.
  ///
  /// - Parameters:
  ///   - globalStep: The counter of steps, with which L1 and L2 regularization grow; also to be given to `minimize`.
  ///   - initialGradientSquaredAccumulatorValue: What the sums of squares begin with, more than 0.
  public init(
    learningRate: any TensorConvertible, globalStep: Variable, initialGradientSquaredAccumulatorValue: Double = 0.1,
    l1RegularizationStrength: Double = 0, l2RegularizationStrength: Double = 0, name: String = "AdagradDA"
  ) {
    numbers = [
      ("learning_rate", learningRate), ("l1_regularization_strength", l1RegularizationStrength),
      ("l2_regularization_strength", l2RegularizationStrength),
    ]
    self.globalStep = globalStep
    initialSquaredAccumulatorValue = initialGradientSquaredAccumulatorValue
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables { makeSlot("gradient_accumulator", for: variable) }
    makeSlots(
      "gradient_squared_accumulator", for: variables, of: initialSquaredAccumulatorValue,
      "initial_gradient_squared_accumulator_value")
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyAdagradDA(),
      [
        variable.handle, makeSlot("gradient_accumulator", for: variable).handle,
        makeSlot("gradient_squared_accumulator", for: variable).handle, gradient,
      ] + numbers.map { hyperparameter($0.name, for: variable) }
        + [cast(globalStep.value, to: .int64) + constant(Int64(1), name: "one")])
  }
}

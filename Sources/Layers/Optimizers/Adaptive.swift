import EspalierGraph

/// Moves each variable against its gradient, measured by the root of the sum of all squared gradients so far.
///
/// Slot `accumulator`: `<variable>/Adagrad`.
///
/// Source: Duchi, Hazan and Singer 2011, `tf.train.AdagradOptimizer`.
public final class AdagradOptimizer: Optimizer {
  private let learningRate: any TensorConvertible
  private let initialAccumulatorValue: Double

  /// Returns an optimizer.
  ///
  /// - Parameter initialAccumulatorValue: What the sums of squares begin with, more than 0.
  public init(
    learningRate: any TensorConvertible, initialAccumulatorValue: Double = 0.1, name: String = "Adagrad"
  ) {
    self.learningRate = learningRate
    self.initialAccumulatorValue = initialAccumulatorValue
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] {
    [("learning_rate", learningRate)]
  }

  public override func makeSlots(for variables: [Variable]) {
    makeSlots("accumulator", for: variables, of: initialAccumulatorValue, "initial_accumulator_value")
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyAdagrad(),
      [
        variable.handle, makeSlot("accumulator", for: variable).handle,
        hyperparameter("learning_rate", for: variable), gradient,
      ])
  }
}

/// Moves each variable against its gradient, measured by the mean squares of gradients and of earlier moves.
///
/// Slots `accum` and `accum_update`: `<variable>/Adadelta`, `<variable>/Adadelta_1`.
///
/// Source: Zeiler 2012, `tf.train.AdadeltaOptimizer`.
public final class AdadeltaOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]

  /// Returns an optimizer.
  public init(
    learningRate: any TensorConvertible = 0.001, rho: Double = 0.95, epsilon: Double = 1e-8,
    name: String = "Adadelta"
  ) {
    numbers = [("lr", learningRate), ("rho", rho), ("epsilon", epsilon)]
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables {
      makeSlot("accum", for: variable)
      makeSlot("accum_update", for: variable)
    }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyAdadelta(),
      [
        variable.handle, makeSlot("accum", for: variable).handle, makeSlot("accum_update", for: variable).handle,
      ] + numbers.map { hyperparameter($0.name, for: variable) } + [gradient])
  }
}

/// Moves each variable to where the sum of all gradients so far, with regularization, is least.
///
/// Slots `accum` and `linear`: `<variable>/Ftrl`, `<variable>/Ftrl_1`.
///
/// Source: McMahan et al. 2013, `tf.train.FtrlOptimizer`.
public final class FtrlOptimizer: Optimizer {
  private let numbers: [(name: String, value: any TensorConvertible)]
  private let initialAccumulatorValue: Double

  /// Returns an optimizer.
  ///
  /// - Parameter learningRatePower: By which power of the sum of squared gradients the rate falls, at most 0.
  public init(
    learningRate: any TensorConvertible, learningRatePower: Double = -0.5, initialAccumulatorValue: Double = 0.1,
    l1RegularizationStrength: Double = 0, l2RegularizationStrength: Double = 0, name: String = "Ftrl"
  ) {
    numbers = [
      ("learning_rate", learningRate), ("l1_regularization_strength", l1RegularizationStrength),
      ("l2_regularization_strength", l2RegularizationStrength), ("learning_rate_power", learningRatePower),
    ]
    self.initialAccumulatorValue = initialAccumulatorValue
    super.init(name: name)
  }

  public override var hyperparameters: [(name: String, value: any TensorConvertible)] { numbers }

  public override func makeSlots(for variables: [Variable]) {
    for variable in variables {
      makeSlot("accum", for: variable, initializer: Initializers.constant(initialAccumulatorValue))
      makeSlot("linear", for: variable)
    }
  }

  public override func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(
      ApplyFtrl(),
      [
        variable.handle, makeSlot("accum", for: variable).handle, makeSlot("linear", for: variable).handle, gradient,
      ] + numbers.map { hyperparameter($0.name, for: variable) })
  }
}

extension Optimizer {
  /// Makes a slot of every variable that begins with `value`, which argument `argument` gave: more than 0.
  func makeSlots(_ slot: String, for variables: [Variable], of value: Double, _ argument: String) {
    if value <= 0 { _ = failedTensor("\(argument) must be positive: \(value)") }
    for variable in variables { makeSlot(slot, for: variable, initializer: Initializers.constant(value)) }
  }
}

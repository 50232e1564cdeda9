import EspalierGraph

/// Learning rates that change with the step of training: scalar `float32` tensors.
///
///     let step = try getOrCreateGlobalStep()
///     let rate = LearningRate.piecewiseConstant(step.value, boundaries: [28_782, 43_173], values: [0.1, 0.01, 0.001])
///
/// The rate of the first update is that of step 0: the counter is read before it is increased.
///
/// Source: `tf.train.piecewise_constant` and its relatives in `tf.train`.
public enum LearningRate {
  /// Returns `values[0]` up to and including step `boundaries[0]`, then `values[1]` up to `boundaries[1]`, and so on.
  ///
  /// - Parameters:
  ///   - step: An integer scalar.
  ///   - boundaries: Steps in increasing order.
  ///   - values: One more than there are boundaries.
  ///
  /// Source: `tf.train.piecewise_constant`.
  public static func piecewiseConstant(
    _ step: Tensor, boundaries: [Int], values: [Double], name: String = "PiecewiseConstant",
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    piecewise(step, boundaries.map(Double.init), values, isInteger: true, name, file, line)
  }

  /// Returns a piecewise constant function of a real number.
  public static func piecewiseConstant(
    _ x: Tensor, boundaries: [Double], values: [Double], name: String = "PiecewiseConstant",
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    piecewise(x, boundaries, values, isInteger: false, name, file, line)
  }

  private static func piecewise(
    _ x: Tensor, _ boundaries: [Double], _ values: [Double], isInteger: Bool, _ name: String,
    _ file: StaticString, _ line: Int
  ) -> Tensor {
    schedule(name, x, file, line) {
      guard values.count == boundaries.count + 1 else {
        return failedTensor("The length of boundaries should be 1 less than the length of values")
      }
      guard x.dataType.isInteger == isInteger else {
        let type: DataType = isInteger ? .int32 : .float32
        return failedTensor("Boundaries (\(type)) must have the same dtype as x (\(x.dataType)).")
      }
      let levels = values.map { constant(Float($0)) }
      return zip(boundaries, levels).reversed().reduce(levels[boundaries.count]) { later, piece in
        select(lessEqual(x, constant(number: piece.0, x.dataType)), piece.1, later)
      }
    }
  }

  /// Returns `rate` · `decayRate`^(step / `decaySteps`).
  ///
  /// - Parameter staircase: Whether the quotient is rounded down, so that the rate falls in steps.
  ///
  /// Source: `tf.train.exponential_decay`.
  public static func exponentialDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, decayRate: Double, staircase: Bool = false,
    name: String = "ExponentialDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let periods = periods(of: step, decaySteps, staircase)
      return rate.tensor(of: .float32, name: "learning_rate") * pow(constant(Float(decayRate)), periods)
    }
  }

  /// Returns `rate` · e^(−`decayRate` · step / `decaySteps`).
  ///
  /// - Parameter staircase: Whether the quotient is rounded down, so that the rate falls in steps.
  ///
  /// Source: `tf.train.natural_exp_decay`.
  public static func naturalExponentialDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, decayRate: Double, staircase: Bool = false,
    name: String = "NaturalExpDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let periods = periods(of: step, decaySteps, staircase)
      return rate.tensor(of: .float32, name: "learning_rate") * exp(periods * -decayRate)
    }
  }

  /// Returns `rate` / (1 + `decayRate` · step / `decaySteps`).
  ///
  /// - Parameter staircase: Whether the quotient is rounded down, so that the rate falls in steps.
  ///
  /// Source: `tf.train.inverse_time_decay`.
  public static func inverseTimeDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, decayRate: Double, staircase: Bool = false,
    name: String = "InverseTimeDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let periods = periods(of: step, decaySteps, staircase)
      return rate.tensor(of: .float32, name: "learning_rate") / (1 + decayRate * periods)
    }
  }

  /// Returns a rate that goes from `rate` to `endRate` in `decaySteps`, as the power of the share that is left.
  ///
  /// - Parameter cycle: Whether it begins again from a lower rate each time it has reached the end, so that the end
  ///   moves to the next multiple of `decaySteps`; otherwise it stays at `endRate`.
  ///
  /// Source: `tf.train.polynomial_decay`.
  public static func polynomialDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, endRate: Double = 0.0001, power: Double = 1,
    cycle: Bool = false, name: String = "PolynomialDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let step = cast(step, to: .float32)
      let share: Tensor
      if cycle {
        let rounds = ceil(step / decaySteps)
        let atLeastOne = select(equal(step, constant(0 as Float)), constant(1 as Float), rounds)
        share = step / (decaySteps * atLeastOne)
      } else {
        share = minimum(step, decaySteps) / decaySteps
      }
      return (rate.tensor(of: .float32, name: "learning_rate") - endRate) * pow(1 - share, power) + endRate
    }
  }

  /// Returns a rate that rises from `initialRate` to that of `rate` in the first steps, then is `rate`.
  ///
  /// Source: the warm-up of TensorFlow's official ResNet, `learning_rate_with_decay`.
  public static func warmUp(
    _ rate: Tensor, to target: Double, step: Tensor, warmUpSteps: Double, initialRate: Double = 0,
    name: String = "WarmUp", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let step = cast(step, to: .float32)
      let rising = initialRate + (target - initialRate) * step / warmUpSteps
      return select(less(step, constant(Float(warmUpSteps))), rising, rate)
    }
  }

  static func schedule(
    _ name: String, _ step: Tensor, _ file: StaticString, _ line: Int, _ body: () -> Tensor
  ) -> Tensor {
    building(in: step.graph, file, line) { step.isPoisoned ? step : nameScope(name, body) }
  }

  private static func periods(of step: Tensor, _ length: Double, _ staircase: Bool) -> Tensor {
    let quotient = cast(step, to: .float32) / length
    return staircase ? floor(quotient) : quotient
  }
}

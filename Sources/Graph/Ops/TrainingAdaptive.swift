/// Moves a variable against its gradient, measured by the root of the sum of all squared gradients.
///
/// Inputs: variable, sum of squares, rate, gradient.
///
/// Source: Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods".
public struct ApplyAdagrad: VariableUpdate {
  public static let tfName = "ApplyAdagrad"
  public static let inputCount = 4
  public static let changedCount = 2

  public init() {}

  public var attributes: [String: AttributeValue] { ["use_locking": .bool(false), "update_slots": .bool(true)] }

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let squares = store(inputs[1] + square(inputs[3]), 1)
    return inputs[0] - inputs[2] * inputs[3] / sqrt(squares)
  }
}

/// Moves a variable against its gradient, measured by the root of the sum of all squared gradients, and then shrinks it
/// towards zero.
///
/// Inputs: variable, sum of squares, rate, strength of the L1 and of the L2 regularization, gradient.
///
/// Source: Duchi and Singer 2009, "Efficient Learning using Forward-Backward Splitting".
public struct ApplyProximalAdagrad: VariableUpdate {
  public static let tfName = "ApplyProximalAdagrad"
  public static let inputCount = 6
  public static let changedCount = 2

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let rate = inputs[2] / sqrt(store(inputs[1] + square(inputs[5]), 1))
    let moved = inputs[0] - rate * inputs[5]
    return sign(moved) * maximum(abs(moved) - rate * inputs[3], 0) / (1 + rate * inputs[4])
  }
}

/// Moves a variable to where the mean of all gradients so far, with regularization, is least.
///
/// Inputs: variable, sum of gradients, sum of their squares, gradient, rate, strength of the L1 and of the L2
/// regularization, number of the step from 1 on.
///
/// Source: Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods".
public struct ApplyAdagradDA: VariableUpdate {
  public static let tfName = "ApplyAdagradDA"
  public static let inputCount = 8
  public static let changedCount = 3
  public static let gradientIndex = 3
  public static let stepIndex: Int? = 7

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (rate, step) = (inputs[4], cast(inputs[7], to: inputs[0].dataType))
    let sum = store(inputs[1] + inputs[3], 1)
    let root = sqrt(store(inputs[2] + square(inputs[3]), 2))
    let shrunk = sign(sum) * maximum(abs(sum) - inputs[5] * step, 0)
    return -rate * shrunk / (inputs[6] * step * rate + root)
  }
}

/// Moves a variable against its gradient, measured by the mean squares of gradients and of earlier moves.
///
/// Inputs: variable, mean squared gradient, mean squared move, rate, ρ, ε, gradient.
///
/// Source: Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method".
public struct ApplyAdadelta: VariableUpdate {
  public static let tfName = "ApplyAdadelta"
  public static let inputCount = 7
  public static let changedCount = 3

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (rho, epsilon, gradient) = (inputs[4], inputs[5], inputs[6])
    let complement = 1 - rho
    let meanSquare = store(inputs[1] * rho + square(gradient) * complement, 1)
    let move = sqrt(inputs[2] + epsilon) / sqrt(meanSquare + epsilon) * gradient
    _ = store(inputs[2] * rho + square(move) * complement, 2)
    return inputs[0] - inputs[3] * move
  }
}

/// Moves a variable to where the sum of all gradients so far, with regularization, is least.
///
/// Inputs: variable, sum of squared gradients, linear term, gradient, rate, strength of the L1 and of the L2
/// regularization, power of the rate.
///
/// Source: McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches".
public struct ApplyFtrl: VariableUpdate {
  public static let tfName = "ApplyFtrl"
  public static let inputCount = 8
  public static let changedCount = 3
  public static let gradientIndex = 3

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (gradient, rate, l1, l2) = (inputs[3], inputs[4], inputs[5], inputs[6])
    let power = -inputs[7]
    let oldRoot = pow(inputs[1], power)
    let root = pow(store(inputs[1] + square(gradient), 1), power)
    let sigma = (root - oldRoot) / rate
    let linear = store(inputs[2] + gradient - sigma * inputs[0], 2)
    let quadratic = root / rate + 2 * l2
    let solution = (l1 * sign(linear) - linear) / quadratic
    return select(greater(abs(linear), l1), solution, zeros(like: solution))
  }
}

/// Subtracts the gradient, times a rate, from a variable.
///
/// Inputs: variable, rate, gradient.
public struct ApplyGradientDescent: VariableUpdate {
  public static let tfName = "ApplyGradientDescent"
  public static let inputCount = 3
  public static let changedCount = 1

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    inputs[0] - inputs[1] * inputs[2]
  }
}

/// Subtracts the gradient, times a rate, from a variable, and then shrinks it towards zero.
///
/// Inputs: variable, rate, strength of the L1 and of the L2 regularization, gradient.
///
/// Source: Duchi and Singer 2009, "Efficient Learning using Forward-Backward Splitting".
public struct ApplyProximalGradientDescent: VariableUpdate {
  public static let tfName = "ApplyProximalGradientDescent"
  public static let inputCount = 5
  public static let changedCount = 1

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let rate = inputs[1]
    let moved = inputs[0] - rate * inputs[4]
    let shrunk = maximum(abs(moved) - rate * inputs[2], 0)
    return sign(moved) * shrunk / (1 + rate * inputs[3])
  }
}

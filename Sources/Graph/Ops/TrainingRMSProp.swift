/// Moves a variable by a decaying sum of gradients, each measured by the root of the mean squared gradient.
///
/// s ← s + (1 − ρ)(g² − s), a ← m·a + r·g / √(s + ε), v ← v − a.
/// Inputs: variable, s, a, rate, ρ, momentum, ε, gradient.
///
/// Source: Tieleman and Hinton 2012.
public struct ApplyRMSProp: VariableUpdate {
  public static let tfName = "ApplyRMSProp"
  public static let inputCount = 8
  public static let changedCount = 3

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (rate, momentum, gradient) = (inputs[3], inputs[5], inputs[7])
    let meanSquare = store(inputs[1] + (square(gradient) - inputs[1]) * (1 - inputs[4]), 1)
    let scaled = rate * gradient / sqrt(meanSquare + inputs[6])
    return inputs[0] - store(inputs[2] * momentum + scaled, 2)
  }
}

/// Moves a variable as `ApplyRMSProp` does, but measured by the standard deviation of the gradient.
///
/// Inputs: variable, mean gradient, s, a, rate, ρ, momentum, ε, gradient.
///
/// Source: Graves 2013, "Generating Sequences With Recurrent Neural Networks".
public struct ApplyCenteredRMSProp: VariableUpdate {
  public static let tfName = "ApplyCenteredRMSProp"
  public static let inputCount = 9
  public static let changedCount = 4

  public init() {}

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (rate, momentum, gradient) = (inputs[4], inputs[6], inputs[8])
    let complement = 1 - inputs[5]
    let meanSquare = store(inputs[2] + (square(gradient) - inputs[2]) * complement, 2)
    let mean = store(inputs[1] + (gradient - inputs[1]) * complement, 1)
    let variance = meanSquare - square(mean)
    let scaled = rate * gradient / sqrt(variance + inputs[7])
    return inputs[0] - store(inputs[3] * momentum + scaled, 3)
  }
}

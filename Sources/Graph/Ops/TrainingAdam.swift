/// Moves a variable against its mean gradient, measured by the root of its mean squared gradient.
///
/// With the powers of the betas p and q: r' = r·√(1 − q) / (1 − p), m ← m + (1 − β₁)(g − m),
/// v ← v + (1 − β₂)(g² − v), x ← x − r'·m / (√v + ε). Epsilon is added to the uncorrected root.
/// Inputs: variable, m, v, power of β₁, power of β₂, rate, β₁, β₂, ε, gradient.
///
/// Source: Kingma and Ba 2014, "Adam: A Method for Stochastic Optimization".
public struct ApplyAdam: VariableUpdate {
  public static let tfName = "ApplyAdam"
  public static let inputCount = 10
  public static let changedCount = 3
  /// Whether the step looks ahead, as in Dozat 2016.
  public let useNesterov: Bool

  public init(useNesterov: Bool = false) {
    self.useNesterov = useNesterov
  }

  public var attributes: [String: AttributeValue] {
    ["use_locking": .bool(false), "use_nesterov": .bool(useNesterov)]
  }

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (beta1, beta2, gradient) = (inputs[6], inputs[7], inputs[9])
    let complement = 1 - beta1
    let rate = inputs[5] * sqrt(1 - inputs[4]) / (1 - inputs[3])
    let mean = store(inputs[1] + (gradient - inputs[1]) * complement, 1)
    let meanSquare = store(inputs[2] + (square(gradient) - inputs[2]) * (1 - beta2), 2)
    let direction = useNesterov ? mean * beta1 + gradient * complement : mean
    return inputs[0] - rate * direction / (sqrt(meanSquare) + inputs[8])
  }
}

/// Moves a variable against a decaying sum of its gradients: a ← m·a + g, v ← v − r·a.
///
/// The rate stands outside the sum, so that a new rate acts at once on the whole of it.
/// Inputs: variable, sum, rate, gradient, momentum.
public struct ApplyMomentum: VariableUpdate {
  public static let tfName = "ApplyMomentum"
  public static let inputCount = 5
  public static let changedCount = 2
  public static let gradientIndex = 3
  /// Whether the step looks ahead: v ← v − r·(g + m·a).
  public let useNesterov: Bool

  public init(useNesterov: Bool = false) {
    self.useNesterov = useNesterov
  }

  public var attributes: [String: AttributeValue] {
    ["use_locking": .bool(false), "use_nesterov": .bool(useNesterov)]
  }

  public func newValue(_ inputs: [Tensor], store: (Tensor, Int) -> Tensor) -> Tensor {
    let (rate, gradient, momentum) = (inputs[2], inputs[3], inputs[4])
    let sum = store(inputs[1] * momentum + gradient, 1)
    return inputs[0] - rate * (useNesterov ? gradient + momentum * sum : sum)
  }
}

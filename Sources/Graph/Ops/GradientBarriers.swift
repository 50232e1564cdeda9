/// Operations that pass their input on, but not, or not without question, its gradient.

/// Returns `x`, through which no gradient flows.
public struct StopGradient: NonDifferentiable {
  public static let tfName = "StopGradient"

  public init() {}

  public var fusion: FusionClass { .view }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return inputs
  }
}

/// Returns `x`; asking for a gradient through it is an error.
public struct PreventGradient: UnaryOperation {
  public static let tfName = "PreventGradient"
  /// Why there is no gradient.
  public let message: String

  public init(message: String = "") {
    self.message = message
  }

  public var fusion: FusionClass { .view }
  public var attributes: [String: AttributeValue] { ["message": .string(message)] }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) throws(GraphError) -> Tensor? {
    throw GraphError("Gradient explicitly disabled. Reason: \(message)")
  }
}

/// Returns `x` after checking, whenever it runs, that all elements are finite.
public struct CheckNumerics: UnaryOperation {
  public static let tfName = "CheckNumerics"
  /// What the error begins with.
  public let message: String

  public init(message: String) {
    self.message = message
  }

  public var effect: Effect { .stateful }
  public var attributes: [String: AttributeValue] { ["message": .string(message)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.float32, .float64], "tensor")
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    apply(CheckNumerics(message: "Not a number (NaN) or infinity (Inf) values detected in gradient."), dy)
  }
}

/// Returns `x` as a constant for differentiation: no gradient flows through it.
///
/// Source: `tf.stop_gradient`.
public func stopGradient(
  _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(StopGradient(), x, name: name, file: file, line: line)
}

/// Returns `x`; a run in which an element is infinite or not a number fails with `message`.
///
/// Source: `tf.debugging.check_numerics`.
public func checkNumerics(
  _ x: Tensor, message: String, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(CheckNumerics(message: message), x, name: name, file: file, line: line)
}

/// Activations that are linear on either side of a kink, and their gradients.

/// Returns max(`x`, 0).
public struct Relu: UnaryOperation {
  public static let tfName = "Relu"

  public init() {}

  public var fusion: FusionClass { .pointwise(.relu) }
  // From y, not x: y > 0 iff x > 0, so x can be freed after the forward pass.
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(ReluGrad(), dy, y) }
}

/// The gradient of an activation: inputs are the incoming gradient and what it is computed from, of the same type.
public protocol ActivationGradient: Operation {}

extension ActivationGradient {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectSameType(inputs[0], inputs[1])
    return [TensorType(inputs[0].dataType, inputs[0].shape.merged(with: inputs[1].shape) ?? inputs[0].shape)]
  }
}

/// The gradient of an activation that is linear in pieces: linear in the first input, constant in the second.
public protocol PiecewiseLinearGradient: ActivationGradient {}

extension PiecewiseLinearGradient {
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(self, $0, node.inputs[1]) }, nil]
  }
}

/// Returns dy where x (or y) is positive, else 0.
public struct ReluGrad: PiecewiseLinearGradient {
  public static let tfName = "ReluGrad"

  public init() {}

  public var fusion: FusionClass { .pointwise(.reluGrad) }
}

/// Returns min(max(`x`, 0), 6).
public struct Relu6: UnaryOperation {
  public static let tfName = "Relu6"

  public init() {}

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(Relu6Grad(), dy, y) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [minimum(relu(inputs[0]), constant(number: 6, inputs[0].dataType))]
  }
}

/// Returns dy where y is between 0 and 6, else 0.
public struct Relu6Grad: PiecewiseLinearGradient {
  public static let tfName = "Relu6Grad"

  public init() {}

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let dy = apply(ReluGrad(), inputs[0], inputs[1])
    let below = less(inputs[1], constant(number: 6, inputs[1].dataType))
    return [select(below, dy, constant(number: 0, dy.dataType))]
  }
}

/// Returns `x` where it is positive, else α · `x`.
public struct LeakyRelu: UnaryOperation {
  public static let tfName = "LeakyRelu"
  /// The slope on the negative side.
  public let alpha: Float

  public init(alpha: Float = 0.2) {
    self.alpha = alpha
  }

  public var attributes: [String: AttributeValue] { ["alpha": .float(alpha)] }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(LeakyReluGrad(alpha: alpha), dy, x) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0]
    return [select(greater(x, constant(number: 0, x.dataType)), x, x * Double(alpha))]
  }
}

/// Returns dy where x is positive, else α · dy.
public struct LeakyReluGrad: PiecewiseLinearGradient {
  public static let tfName = "LeakyReluGrad"
  /// The slope on the negative side.
  public let alpha: Float

  public init(alpha: Float = 0.2) {
    self.alpha = alpha
  }

  public var attributes: [String: AttributeValue] { ["alpha": .float(alpha)] }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (dy, x) = (inputs[0], inputs[1])
    return [select(greater(x, constant(number: 0, x.dataType)), dy, dy * Double(alpha))]
  }
}

/// Returns max(`x`, 0) elementwise.
///
/// The gradient at 0 is 0. Source: `tf.nn.relu`.
public func relu(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Relu(), x, name: name, file: file, line: line)
}

/// Returns min(max(`x`, 0), 6) elementwise.
///
/// Source: `tf.nn.relu6`.
public func relu6(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Relu6(), x, name: name, file: file, line: line)
}

/// Returns `x` where it is positive, else `alpha` · `x`, elementwise.
///
/// Source: `tf.nn.leaky_relu`.
public func leakyRelu(
  _ x: Tensor, alpha: Double = 0.2, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(LeakyRelu(alpha: Float(alpha)), x, name: name, file: file, line: line)
}

/// Returns max(`x`, 0) and max(-`x`, 0) next to each other along `axis`, which doubles its extent.
///
/// Source: `tf.nn.crelu`.
public func crelu(
  _ x: Tensor, axis: Int = -1, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("CRelu", name, on: [x], file, line) { relu(concat([x, -x], axis: axis)) }
}

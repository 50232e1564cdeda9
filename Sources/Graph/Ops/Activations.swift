/// Smooth activations and their gradients.

/// Returns 1 / (1 + exp(-`x`)).
public struct Sigmoid: UnaryOperation {
  public static let tfName = "Sigmoid"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sigmoid) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(SigmoidGrad(), y, dy) }
}

/// Returns dy · y · (1 - y); inputs are y, dy.
public struct SigmoidGrad: ActivationGradient {
  public static let tfName = "SigmoidGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (y, dy) = (node.inputs[0], node.inputs[1])
    return [g * dy * (1 - 2 * y), apply(SigmoidGrad(), y, g)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [inputs[1] * inputs[0] * (1 - inputs[0])] }
}

/// Returns the hyperbolic tangent of `x`.
public struct Tanh: UnaryOperation {
  public static let tfName = "Tanh"

  public init() {}

  public var fusion: FusionClass { .pointwise(.tanh) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(TanhGrad(), y, dy) }
}

/// Returns dy · (1 - y²); inputs are y, dy.
public struct TanhGrad: ActivationGradient {
  public static let tfName = "TanhGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (y, dy) = (node.inputs[0], node.inputs[1])
    return [-2 * (g * dy * y), apply(TanhGrad(), y, g)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [inputs[1] * (1 - square(inputs[0]))] }
}

/// Returns log(exp(`x`) + 1).
public struct Softplus: UnaryOperation {
  public static let tfName = "Softplus"

  public init() {}

  public var fusion: FusionClass { .pointwise(.softplus) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(SoftplusGrad(), dy, x) }
}

/// Returns dy / (1 + exp(-x)); inputs are dy, x.
public struct SoftplusGrad: ActivationGradient {
  public static let tfName = "SoftplusGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (dy, x) = (node.inputs[0], node.inputs[1])
    return [apply(SoftplusGrad(), g, x), apply(SigmoidGrad(), sigmoid(x), g * dy)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [inputs[0] * sigmoid(inputs[1])] }
}

/// Returns `x` / (1 + |`x`|).
public struct Softsign: UnaryOperation {
  public static let tfName = "Softsign"

  public init() {}

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(SoftsignGrad(), dy, x) }
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [inputs[0] / (1 + abs(inputs[0]))] }
}

/// Returns dy / (1 + |x|)²; inputs are dy, x.
public struct SoftsignGrad: ActivationGradient {
  public static let tfName = "SoftsignGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (dy, x) = (node.inputs[0], node.inputs[1])
    let slope = -2 * sign(x) / (1 + abs(x))
    return [apply(SoftsignGrad(), g, x), apply(SoftsignGrad(), g * dy, x) * slope]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { [inputs[0] / square(1 + abs(inputs[1]))] }
}

/// Returns `x` where it is positive, else exp(`x`) - 1.
public struct Elu: UnaryOperation {
  public static let tfName = "Elu"

  public init() {}

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(EluGrad(), dy, y) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0]
    return [select(less(x, constant(number: 0, x.dataType)), expm1(x), x)]
  }
}

/// Returns dy · (y + 1) where y is negative, else dy; inputs are dy, y.
public struct EluGrad: ActivationGradient {
  public static let tfName = "EluGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (dy, y) = (node.inputs[0], node.inputs[1])
    return [apply(EluGrad(), g, y), whereNegative(y, g * dy)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (dy, y) = (inputs[0], inputs[1])
    return [select(less(y, constant(number: 0, y.dataType)), dy * (y + 1), dy)]
  }
}

/// Returns λ `x` where it is positive, else λ α (exp(`x`) - 1).
public struct Selu: UnaryOperation {
  public static let tfName = "Selu"
  /// λ, which keeps the variance of normal inputs.
  static let scale = 1.0507009873554804934193349852946
  /// λ α, the limit on the negative side.
  static let limit = 1.7580993408473768599402175208123

  public init() {}

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(SeluGrad(), dy, y) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0]
    return [select(less(x, constant(number: 0, x.dataType)), expm1(x) * Self.limit, x * Self.scale)]
  }
}

/// Returns dy · (y + λ α) where y is negative, else λ dy; inputs are dy, y.
public struct SeluGrad: ActivationGradient {
  public static let tfName = "SeluGrad"

  public init() {}

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let g = upstream[0] else { return [nil, nil] }
    let (dy, y) = (node.inputs[0], node.inputs[1])
    return [apply(SeluGrad(), g, y), whereNegative(y, g * dy)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (dy, y) = (inputs[0], inputs[1])
    return [select(less(y, constant(number: 0, y.dataType)), dy * (y + Selu.limit), dy * Selu.scale)]
  }
}

/// Returns `value` where `y` is negative, else 0.
private func whereNegative(_ y: Tensor, _ value: Tensor) -> Tensor {
  select(less(y, constant(number: 0, y.dataType)), value, constant(number: 0, value.dataType))
}

/// Returns 1 / (1 + exp(-`x`)) elementwise.
///
/// Source: `tf.sigmoid`.
public func sigmoid(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Sigmoid(), x, name: name, file: file, line: line)
}

/// Returns the hyperbolic tangent of `x` elementwise.
///
/// Source: `tf.tanh`.
public func tanh(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Tanh(), x, name: name, file: file, line: line)
}

/// Returns log(exp(`x`) + 1) elementwise.
///
/// Source: `tf.nn.softplus`.
public func softplus(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Softplus(), x, name: name, file: file, line: line)
}

/// Returns `x` / (1 + |`x`|) elementwise.
///
/// Source: `tf.nn.softsign`.
public func softsign(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Softsign(), x, name: name, file: file, line: line)
}

/// Returns `x` where it is positive, else exp(`x`) - 1, elementwise.
///
/// Source: `tf.nn.elu`.
public func elu(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Elu(), x, name: name, file: file, line: line)
}

/// Returns λ `x` where it is positive, else λ α (exp(`x`) - 1), elementwise; λ = 1.0507…, α = 1.6733….
///
/// The gradient at 0 is λ. Source: `tf.nn.selu`.
public func selu(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Selu(), x, name: name, file: file, line: line)
}

/// Returns `x` · sigmoid(`x`) elementwise.
///
/// Source: `tf.nn.swish`.
public func swish(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  composite("swish", name, on: [x], file, line) { x * sigmoid(x) }
}

/// Returns `x` · Φ(`x`) elementwise, Φ being the normal distribution.
///
/// - Parameter approximate: Whether to use the formula with tanh in its place.
///
/// Source: `tf.nn.gelu`.
public func gelu(
  _ x: Tensor, approximate: Bool = false, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("Gelu", name, on: [x], file, line) {
    guard approximate else { return 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
    let inner = x + 0.044715 * (x * square(x))
    return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * inner))
  }
}

/// Returns log(sigmoid(`x`)) elementwise, without overflow.
///
/// Source: `tf.math.log_sigmoid`.
public func logSigmoid(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  composite("LogSigmoid", name, on: [x], file, line) { -softplus(-x) }
}

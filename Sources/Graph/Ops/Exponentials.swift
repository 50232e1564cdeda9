/// Exponential, logarithm, error function and gamma function.

/// Returns e to the power `x`.
public struct Exp: FloatingUnaryOperation {
  public static let tfName = "Exp"

  public init() {}

  public var fusion: FusionClass { .pointwise(.exp) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * y }
}

/// Returns e to the power `x`, minus 1, without loss where `x` is small.
public struct Expm1: FloatingUnaryOperation {
  public static let tfName = "Expm1"

  public init() {}

  public var fusion: FusionClass { .pointwise(.expm1) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * exp(x) }
}

/// Returns the natural logarithm of `x`.
public struct Log: FloatingUnaryOperation {
  public static let tfName = "Log"

  public init() {}

  public var fusion: FusionClass { .pointwise(.log) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * reciprocal(x) }
}

/// Returns the natural logarithm of 1 + `x`, without loss where `x` is small.
public struct Log1p: FloatingUnaryOperation {
  public static let tfName = "Log1p"

  public init() {}

  public var fusion: FusionClass { .pointwise(.log1p) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * reciprocal(1 + x) }
}

/// Returns the error function of `x`.
public struct Erf: FloatingUnaryOperation {
  public static let tfName = "Erf"

  public init() {}

  public var fusion: FusionClass { .pointwise(.erf) }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    dy * (twoOverRootPi * exp(-square(x)))
  }
}

/// Returns 1 minus the error function of `x`, without loss where `x` is large.
public struct Erfc: FloatingUnaryOperation {
  public static let tfName = "Erfc"

  public init() {}

  public var fusion: FusionClass { .pointwise(.erfc) }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    dy * (-twoOverRootPi * exp(-square(x)))
  }
}

/// The slope of the error function at 0.
private let twoOverRootPi = 2 / Double.pi.squareRoot()

/// Returns the logarithm of |Γ(`x`)|.
public struct Lgamma: FloatingUnaryOperation {
  public static let tfName = "Lgamma"

  public init() {}

  public var fusion: FusionClass { .pointwise(.lgamma) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * digamma(x) }
}

/// Returns the derivative of log Γ at `x`.
public struct Digamma: FloatingUnaryOperation {
  public static let tfName = "Digamma"

  public init() {}

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * polygamma(order: 1, x) }
}

/// Returns derivative number `order` + 1 of log Γ at `x`.
public struct Polygamma: FloatingUnaryOperation {
  public static let tfName = "EspalierPolygamma"
  /// 1 or more.
  public let order: Int

  public init(order: Int) {
    self.order = order
  }

  public var attributes: [String: AttributeValue] { ["order": .int(order)] }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * polygamma(order: order + 1, x) }
}

/// Returns e to the power `x`, elementwise.
///
/// Source: `tf.exp`.
public func exp(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Exp(), x, name: name, file: file, line: line)
}

/// Returns e to the power `x`, minus 1, elementwise.
///
/// Source: `tf.math.expm1`.
public func expm1(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Expm1(), x, name: name, file: file, line: line)
}

/// Returns the natural logarithm of `x`, elementwise.
///
/// Source: `tf.math.log`.
public func log(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Log(), x, name: name, file: file, line: line)
}

/// Returns the natural logarithm of 1 + `x`, elementwise.
///
/// Source: `tf.math.log1p`.
public func log1p(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Log1p(), x, name: name, file: file, line: line)
}

/// Returns the error function of `x`, elementwise.
///
/// Source: `tf.math.erf`.
public func erf(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Erf(), x, name: name, file: file, line: line)
}

/// Returns 1 minus the error function of `x`, elementwise.
///
/// Source: `tf.math.erfc`.
public func erfc(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Erfc(), x, name: name, file: file, line: line)
}

/// Returns the logarithm of |Γ(`x`)|, elementwise.
///
/// Source: `tf.math.lgamma`.
public func lgamma(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Lgamma(), x, name: name, file: file, line: line)
}

/// Returns the derivative of log Γ at `x`, elementwise.
///
/// Source: `tf.math.digamma`.
public func digamma(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Digamma(), x, name: name, file: file, line: line)
}

/// Returns derivative number `order` of the digamma function at `x`, elementwise.
///
/// Source: `tf.math.polygamma`.
public func polygamma(
  order: Int, _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  order == 0
    ? digamma(x, name: name, file: file, line: line)
    : apply(Polygamma(order: order), x, name: name, file: file, line: line)
}

/// Sine and its kin, of angles in radians.

/// Returns sin `x`.
public struct Sin: FloatingUnaryOperation {
  public static let tfName = "Sin"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sin) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * cos(x) }
}

/// Returns cos `x`.
public struct Cos: FloatingUnaryOperation {
  public static let tfName = "Cos"

  public init() {}

  public var fusion: FusionClass { .pointwise(.cos) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { -dy * sin(x) }
}

/// Returns tan `x`.
public struct Tan: FloatingUnaryOperation {
  public static let tfName = "Tan"

  public init() {}

  public var fusion: FusionClass { .pointwise(.tan) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * (1 + square(y)) }
}

/// Returns the angle in [-π/2, π/2] whose sine is `x`.
public struct Asin: FloatingUnaryOperation {
  public static let tfName = "Asin"

  public init() {}

  public var fusion: FusionClass { .pointwise(.asin) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * rsqrt(1 - square(x)) }
}

/// Returns the angle in [0, π] whose cosine is `x`.
public struct Acos: FloatingUnaryOperation {
  public static let tfName = "Acos"

  public init() {}

  public var fusion: FusionClass { .pointwise(.acos) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { -dy * rsqrt(1 - square(x)) }
}

/// Returns the angle in (-π/2, π/2) whose tangent is `x`.
public struct Atan: FloatingUnaryOperation {
  public static let tfName = "Atan"

  public init() {}

  public var fusion: FusionClass { .pointwise(.atan) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy / (1 + square(x)) }
}

/// Returns the hyperbolic sine of `x`.
public struct Sinh: FloatingUnaryOperation {
  public static let tfName = "Sinh"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sinh) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * cosh(x) }
}

/// Returns the hyperbolic cosine of `x`.
public struct Cosh: FloatingUnaryOperation {
  public static let tfName = "Cosh"

  public init() {}

  public var fusion: FusionClass { .pointwise(.cosh) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * sinh(x) }
}

/// Returns the angle of the point (`x`: second input, `y`: first input) in [-π, π].
public struct Atan2: BinaryOperation {
  public static let tfName = "Atan2"

  public init() {}

  public var fusion: FusionClass { .pointwise(.atan2) }

  // With a, b for TensorFlow's y, x: dθ = (b da - a db) / (a² + b²).
  public func gradient(x a: Tensor, y b: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    let scaled = dz / (square(a) + square(b))
    return (b * scaled, -a * scaled)
  }
}

/// Returns sin `x`, elementwise.
///
/// Source: `tf.sin`.
public func sin(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Sin(), x, name: name, file: file, line: line)
}

/// Returns cos `x`, elementwise.
///
/// Source: `tf.cos`.
public func cos(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Cos(), x, name: name, file: file, line: line)
}

/// Returns tan `x`, elementwise.
///
/// Source: `tf.tan`.
public func tan(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Tan(), x, name: name, file: file, line: line)
}

/// Returns the angle in [-π/2, π/2] whose sine is `x`, elementwise.
///
/// Source: `tf.asin`.
public func asin(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Asin(), x, name: name, file: file, line: line)
}

/// Returns the angle in [0, π] whose cosine is `x`, elementwise.
///
/// Source: `tf.acos`.
public func acos(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Acos(), x, name: name, file: file, line: line)
}

/// Returns the angle in (-π/2, π/2) whose tangent is `x`, elementwise.
///
/// Source: `tf.atan`.
public func atan(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Atan(), x, name: name, file: file, line: line)
}

/// Returns the hyperbolic sine of `x`, elementwise.
///
/// Source: `tf.sinh`.
public func sinh(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Sinh(), x, name: name, file: file, line: line)
}

/// Returns the hyperbolic cosine of `x`, elementwise.
///
/// Source: `tf.cosh`.
public func cosh(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Cosh(), x, name: name, file: file, line: line)
}

/// Returns the angle in [-π, π] of the point (`x`, `y`), elementwise.
///
/// Source: `tf.atan2`.
public func atan2(
  _ y: Tensor, _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Atan2(), y, x, name: name, file: file, line: line)
}

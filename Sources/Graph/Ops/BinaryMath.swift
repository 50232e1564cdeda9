/// Functions of two numbers that are broadcast against each other.

/// Returns the larger of `x` and `y`; a NaN if either is one.
public struct Maximum: BinaryOperation {
  public static let tfName = "Maximum"

  public init() {}

  public var fusion: FusionClass { .pointwise(.max) }
  public func integer(_ a: Int, _ b: Int) -> Int? { max(a, b) }

  // Of equal numbers, x gets the gradient.
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    routed(dz, toFirstWhere: greaterEqual(x, y))
  }
}

/// Returns the smaller of `x` and `y`; a NaN if either is one.
public struct Minimum: BinaryOperation {
  public static let tfName = "Minimum"

  public init() {}

  public var fusion: FusionClass { .pointwise(.min) }
  public func integer(_ a: Int, _ b: Int) -> Int? { min(a, b) }

  // Of equal numbers, x gets the gradient.
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    routed(dz, toFirstWhere: lessEqual(x, y))
  }
}

private func routed(_ dz: Tensor, toFirstWhere isFirst: Tensor) -> (Tensor?, Tensor?) {
  let zero = constant(number: 0, like: dz, name: "zero")
  return (select(isFirst, dz, zero), select(isFirst, zero, dz))
}

/// Returns (`x` - `y`)².
public struct SquaredDifference: BinaryOperation {
  public static let tfName = "SquaredDifference"

  public init() {}

  public var fusion: FusionClass { .pointwise(.squaredDifference) }

  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    let dx = 2 * dz * (x - y)
    return (dx, -dx)
  }
}

/// Returns `x` to the power `y`.
public struct Pow: BinaryOperation {
  public static let tfName = "Pow"

  public init() {}

  public var fusion: FusionClass { .pointwise(.pow) }

  // Where x is not positive the logarithm is taken as 0, so that a constant y costs no NaN.
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    let dx = dz * (y * pow(x, y - 1))
    let zero = constant(number: 0, like: x, name: "zero")
    let isPositive = greater(x, zero)
    let logarithm = select(isPositive, log(select(isPositive, x, constant(number: 1, like: x, name: "one"))), zero)
    return (dx, dz * (z * logarithm))
  }
}

/// Returns the largest whole number that is not above `x` / `y`.
public struct FloorDiv: BinaryOperation {
  public static let tfName = "FloorDiv"

  public init() {}

  public var fusion: FusionClass { .pointwise(.floorDiv) }
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) { (nil, nil) }

  public func integer(_ a: Int, _ b: Int) -> Int? {
    guard b != 0, b != -1 else { return b == 0 ? nil : 0 &- a }
    let quotient = a / b
    return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient
  }
}

/// Returns `x` - ⌊`x` / `y`⌋ `y`, which has the sign of `y`.
public struct FloorMod: BinaryOperation {
  public static let tfName = "FloorMod"

  public init() {}

  public var fusion: FusionClass { .pointwise(.floorMod) }

  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    (dz, -dz * floorDiv(x, y))
  }

  public func integer(_ a: Int, _ b: Int) -> Int? {
    guard b != 0, b != -1 else { return b == 0 ? nil : 0 }
    let remainder = a % b
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  }
}

/// Returns the remainder of `x` / `y` rounded towards zero, which has the sign of `x`.
public struct TruncateMod: BinaryOperation {
  public static let tfName = "TruncateMod"

  public init() {}

  public var fusion: FusionClass { .pointwise(.truncateMod) }

  // The quotient of x - z by y is whole, so rounding it only removes what division lost.
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    (dz, -dz * rint((x - z) / y))
  }
}

/// Returns the quotient of two integers, rounded towards zero.
public struct TruncateDiv: BinaryOperation {
  public static let tfName = "TruncateDiv"

  public init() {}

  public var fusion: FusionClass { .pointwise(.truncateDiv) }
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) { (nil, nil) }
}

/// Returns `x` / `y`, 0 where `y` is 0.
public struct DivNoNan: BinaryOperation {
  public static let tfName = "DivNoNan"

  public init() {}

  public var fusion: FusionClass { .pointwise(.divNoNaN) }

  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    (divideNoNaN(dz, y), dz * divideNoNaN(divideNoNaN(-x, y), y))
  }
}

/// Returns `x` + `y`, broadcast against each other.
///
/// Source: `tf.add`.
public func add(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Add(), x, y, name: name, file: file, line: line)
}

/// Returns `x` - `y`, broadcast against each other.
///
/// Source: `tf.subtract`.
public func subtract(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Sub(), x, y, name: name, file: file, line: line)
}

/// Returns `x` · `y`, elementwise, broadcast against each other.
///
/// Source: `tf.multiply`.
public func multiply(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Mul(), x, y, name: name, file: file, line: line)
}

/// Returns `x` / `y`; of integers in float64 as in Python 3 (int8, uint8, int16 and uint16 in float32).
///
/// Source: `tf.truediv`.
public func divide(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  guard x.dataType.isInteger, x.dataType == y.dataType else {
    return apply(RealDiv(), x, y, name: name, file: file, line: line)
  }
  return composite("truediv", name, on: [x, y], file, line) {
    let type: DataType = (x.dataType.size ?? 8) <= 2 ? .float32 : .float64
    return apply(RealDiv(), cast(x, to: type), cast(y, to: type))
  }
}

/// Returns the larger of `x` and `y`, elementwise, broadcast against each other.
///
/// Of equal elements `x` gets the gradient. Source: `tf.maximum`.
public func maximum(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Maximum(), x, y, name: name, file: file, line: line)
}

/// Returns the larger of `x` and a number, elementwise.
public func maximum(
  _ x: Tensor, _ y: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Maximum(), on: x, name: name, file: file, line: line) { [x, constant(number: y, like: x)] }
}

/// Returns the smaller of `x` and `y`, elementwise, broadcast against each other.
///
/// Of equal elements `x` gets the gradient. Source: `tf.minimum`.
public func minimum(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Minimum(), x, y, name: name, file: file, line: line)
}

/// Returns the smaller of `x` and a number, elementwise.
public func minimum(
  _ x: Tensor, _ y: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Minimum(), on: x, name: name, file: file, line: line) { [x, constant(number: y, like: x)] }
}

/// Returns (`x` - `y`)², elementwise, broadcast against each other.
///
/// Source: `tf.math.squared_difference`.
public func squaredDifference(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(SquaredDifference(), x, y, name: name, file: file, line: line)
}

/// Returns `x` to the power `y`, elementwise, broadcast against each other.
///
/// Source: `tf.pow`.
public func pow(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Pow(), x, y, name: name, file: file, line: line)
}

/// Returns `x` to a constant power, elementwise.
public func pow(
  _ x: Tensor, _ y: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Pow(), on: x, name: name, file: file, line: line) { [x, constant(number: y, like: x)] }
}

/// Returns ⌊`x` / `y`⌋, elementwise.
///
/// Source: `tf.math.floordiv`.
public func floorDiv(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(FloorDiv(), x, y, name: name, file: file, line: line)
}

/// Returns the remainder of ⌊`x` / `y`⌋, which has the sign of `y`, elementwise.
///
/// Source: `tf.math.floormod`.
public func floorMod(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(FloorMod(), x, y, name: name, file: file, line: line)
}

/// Returns the remainder of `x` / `y` rounded towards zero, which has the sign of `x`, elementwise.
///
/// Source: `tf.truncatemod`.
public func truncateMod(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(TruncateMod(), x, y, name: name, file: file, line: line)
}

/// Returns the quotient of two integers, rounded towards zero, elementwise.
///
/// Source: `tf.truncatediv`.
public func truncateDiv(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(TruncateDiv(), x, y, name: name, file: file, line: line)
}

/// Returns `x` / `y`, 0 where `y` is 0, elementwise.
///
/// Source: `tf.math.divide_no_nan`.
public func divideNoNaN(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DivNoNan(), x, y, name: name, file: file, line: line)
}

/// Returns a scalar of the element type of `x`.
func constant(number: Double, like x: Tensor, name: String = "y") -> Tensor {
  withoutControlDependencies { constant(number: number, x.dataType, name: name) }
}

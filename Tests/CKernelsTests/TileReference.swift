import CKernels
import Foundation

/// What the operations of the tile machine give, said once more as plainly as possible.
enum TileReference {
  /// Functions that are rounded once or follow from exact steps: equal to the last bit.
  static func exact<T: BinaryFloatingPoint>(_ name: String, _ a: T, _ b: T, _ c: T) -> T? {
    switch name {
    case "mov": return a
    case "neg": return -a
    case "abs": return abs(a)
    case "sign": return a.isNaN ? a : a > 0 ? 1 : a < 0 ? -1 : 0
    case "square": return a * a
    case "sqrt": return a.squareRoot()
    case "rsqrt": return 1 / a.squareRoot()
    case "reciprocal": return 1 / a
    case "relu": return a < 0 ? 0 : a
    case "floor": return a.rounded(.down)
    case "ceil": return a.rounded(.up)
    case "round": return a.rounded(.toNearestOrEven)
    case "trunc": return a.rounded(.towardZero)
    case "is_nan": return a.isNaN ? 1 : 0
    case "is_finite": return a.isFinite ? 1 : 0
    case "is_inf": return a.isInfinite ? 1 : 0
    case "logical_not": return a == 0 ? 1 : 0
    case "add": return a + b
    case "sub": return a - b
    case "mul": return a * b
    case "div": return a / b
    case "floor_div": return (a / b).rounded(.down)
    case "trunc_mod": return remainder(a, b)
    case "floor_mod":
      let m = remainder(a, b)
      return m != 0 && (b < 0) != (m < 0) ? m + b : m
    case "div_no_nan": return b == 0 ? 0 : a / b
    case "max": return maximum(a, b)
    case "min": return -maximum(-a, -b)
    case "squared_difference": return (a - b) * (a - b)
    case "equal": return a == b ? 1 : 0
    case "not_equal": return a != b ? 1 : 0
    case "less": return a < b ? 1 : 0
    case "less_equal": return a <= b ? 1 : 0
    case "greater": return a > b ? 1 : 0
    case "greater_equal": return a >= b ? 1 : 0
    case "logical_and": return a != 0 && b != 0 ? 1 : 0
    case "logical_or": return a != 0 || b != 0 ? 1 : 0
    case "logical_xor": return (a != 0) != (b != 0) ? 1 : 0
    case "relu_grad": return b > 0 ? a : 0
    case "sigmoid_grad": return a * b * (1 - b)
    case "tanh_grad": return a * (1 - b * b)
    case "add_relu": return a + b < 0 ? 0 : a + b
    case "mul_add": return a * b + c
    case "mul_add_relu": return a * b + c < 0 ? 0 : a * b + c
    case "select": return a != 0 ? b : c
    case "clamp": return -maximum(-maximum(a, b), -c)
    default: return nil
    }
  }

  private static func maximum<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    a.isNaN || b.isNaN ? .nan : a > b ? a : b
  }

  private static func remainder<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    a.isFinite ? (b.isInfinite ? a : a.truncatingRemainder(dividingBy: b)) : .nan
  }

  /// Functions that are approximated, in double precision.
  static func approximate(_ name: String, _ a: Double, _ b: Double) -> Double? {
    switch name {
    case "exp": return exp(a)
    case "expm1": return expm1(a)
    case "log": return log(a)
    case "log1p": return log1p(a)
    case "sin": return sin(a)
    case "cos": return cos(a)
    case "tan": return tan(a)
    case "asin": return asin(a)
    case "acos": return acos(a)
    case "atan": return atan(a)
    case "sinh": return sinh(a)
    case "cosh": return cosh(a)
    case "tanh": return tanh(a)
    case "erf": return erf(a)
    case "erfc": return erfc(a)
    case "lgamma": return lgamma(a)
    case "sigmoid": return a < 0 ? exp(a) / (1 + exp(a)) : 1 / (1 + exp(-a))
    case "softplus": return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a))
    case "pow": return pow(a, b)
    case "atan2": return atan2(a, b)
    default: return nil
    }
  }

  static func integer<T: FixedWidthInteger & SignedInteger>(_ name: String, _ a: T, _ b: T, _ c: T) -> T? {
    switch name {
    case "mov": return a
    case "neg": return 0 &- a
    case "abs": return a < 0 ? 0 &- a : a
    case "sign": return a.signum()
    case "square": return a &* a
    case "relu": return max(a, 0)
    case "logical_not": return a == 0 ? 1 : 0
    case "add": return a &+ b
    case "sub": return a &- b
    case "mul": return a &* b
    case "div": return b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
    case "trunc_mod": return remainder(a, b)
    case "floor_mod":
      let m = remainder(a, b)
      return m != 0 && (m < 0) != (b < 0) ? m + b : m
    case "floor_div":
      let m = remainder(a, b)
      let quotient = b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
      return m != 0 && (m < 0) != (b < 0) ? quotient - 1 : quotient
    case "pow": return power(a, b)
    case "max": return max(a, b)
    case "min": return min(a, b)
    case "squared_difference": return (a &- b) &* (a &- b)
    case "equal": return a == b ? 1 : 0
    case "not_equal": return a != b ? 1 : 0
    case "less": return a < b ? 1 : 0
    case "less_equal": return a <= b ? 1 : 0
    case "greater": return a > b ? 1 : 0
    case "greater_equal": return a >= b ? 1 : 0
    case "logical_and": return a != 0 && b != 0 ? 1 : 0
    case "logical_or": return a != 0 || b != 0 ? 1 : 0
    case "logical_xor": return (a != 0) != (b != 0) ? 1 : 0
    case "relu_grad": return b > 0 ? a : 0
    case "add_relu": return max(a &+ b, 0)
    case "mul_add": return a &* b &+ c
    case "mul_add_relu": return max(a &* b &+ c, 0)
    case "select": return a != 0 ? b : c
    case "clamp": return min(max(a, b), c)
    default: return nil
    }
  }

  private static func remainder<T: FixedWidthInteger & SignedInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
  }

  private static func power<T: FixedWidthInteger & SignedInteger>(_ a: T, _ b: T) -> T {
    if b < 0 { return a == 1 ? 1 : a == -1 ? (b & 1 == 0 ? 1 : -1) : 0 }
    // Beyond 64 the power of an even number is 0, and that of an odd one repeats with the period 2^62.
    var result: T = 1
    var base = a
    var exponent = b
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }
}

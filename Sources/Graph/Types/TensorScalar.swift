/// A Swift type whose values can be the elements of a tensor.
public protocol TensorScalar: BitwiseCopyable, Sendable, Hashable {
  /// The element type of tensors that hold such values.
  static var dataType: DataType { get }
}

extension Float: TensorScalar { public static var dataType: DataType { .float32 } }
extension Double: TensorScalar { public static var dataType: DataType { .float64 } }
extension Int8: TensorScalar { public static var dataType: DataType { .int8 } }
extension UInt8: TensorScalar { public static var dataType: DataType { .uint8 } }
extension Int16: TensorScalar { public static var dataType: DataType { .int16 } }
extension UInt16: TensorScalar { public static var dataType: DataType { .uint16 } }
extension Int32: TensorScalar { public static var dataType: DataType { .int32 } }
extension UInt32: TensorScalar { public static var dataType: DataType { .uint32 } }
extension Int64: TensorScalar { public static var dataType: DataType { .int64 } }
extension UInt64: TensorScalar { public static var dataType: DataType { .uint64 } }
extension Bool: TensorScalar { public static var dataType: DataType { .bool } }

/// An IEEE 754 half-precision number as it lies in memory.
///
/// Swift's own `Float16` does not exist on every platform, so that conversion is done on the bits.
public struct Half: TensorScalar {
  /// The sixteen bits: sign, five of exponent, ten of fraction.
  public var bitPattern: UInt16

  public static var dataType: DataType { .float16 }

  /// Returns the number with these bits.
  public init(bitPattern: UInt16) {
    self.bitPattern = bitPattern
  }

  /// Returns the nearest half-precision number, ties to even; too large becomes infinite.
  public init(_ value: Float) {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: (bits >> 16) & 0x8000)
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 {
      bitPattern = sign | 0x7E00 | UInt16(truncatingIfNeeded: (magnitude >> 13) & 0x3FF)
    } else if magnitude >= 0x4780_0000 {
      bitPattern = sign | 0x7C00
    } else if magnitude < 0x3880_0000 {
      // Subnormal: adding one half in float32 makes the hardware round at the last bit that is kept.
      let shifted = Float(bitPattern: magnitude) + Float(0.5)
      bitPattern = sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- Float(0.5).bitPattern)
    } else {
      let rounding: UInt32 = 0xFFF + ((magnitude >> 13) & 1)
      bitPattern = sign | UInt16(truncatingIfNeeded: (magnitude &+ rounding &- 0x3800_0000) >> 13)
    }
  }

  /// The same number in single precision.
  public var float: Float {
    let sign = UInt32(bitPattern & 0x8000) << 16
    let exponent = UInt32(bitPattern >> 10) & 0x1F
    let fraction = UInt32(bitPattern & 0x3FF)
    if exponent == 0 {
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: sign | magnitude.bitPattern)
    }
    let widened = exponent == 31 ? 255 : exponent + 112
    return Float(bitPattern: sign | (widened << 23) | (fraction << 13))
  }
}

/// A brain floating-point number: the upper half of a single-precision one.
public struct BFloat16: TensorScalar {
  /// The sixteen bits: sign, eight of exponent, seven of fraction.
  public var bitPattern: UInt16

  public static var dataType: DataType { .bfloat16 }

  /// Returns the number with these bits.
  public init(bitPattern: UInt16) {
    self.bitPattern = bitPattern
  }

  /// Returns the nearest brain floating-point number, ties to even.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
    } else {
      let rounding: UInt32 = 0x7FFF + ((bits >> 16) & 1)
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16)
    }
  }

  /// The same number in single precision.
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

/// Powers and signs: functions of one number whose gradients are simple formulas.

extension DataType {
  /// The types whose elements are real floating-point numbers.
  package static let floating: Set<DataType> = [.float16, .bfloat16, .float32, .float64]
  /// The types of signed numbers.
  package static let signed: Set<DataType> = floating.union([.int8, .int16, .int32, .int64])
  /// The types of real numbers and integers.
  package static let numeric: Set<DataType> = signed.union([.uint8, .uint16, .uint32, .uint64])
}

/// A pointwise operation on floating-point numbers.
public protocol FloatingUnaryOperation: UnaryOperation {}

extension FloatingUnaryOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.floating, "x")
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

/// Returns |`x`|.
public struct Abs: UnaryOperation {
  public static let tfName = "Abs"

  public init() {}

  public var fusion: FusionClass { .pointwise(.abs) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * sign(x) }
}

/// Returns the sign of `x`: -1, 0 or 1.
public struct Sign: UnaryOperation {
  public static let tfName = "Sign"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sign) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { nil }
}

/// Returns `x`².
public struct Square: UnaryOperation {
  public static let tfName = "Square"

  public init() {}

  public var fusion: FusionClass { .pointwise(.square) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * (2 * x) }
}

/// Returns the square root of `x`.
public struct Sqrt: FloatingUnaryOperation {
  public static let tfName = "Sqrt"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sqrt) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * 0.5 / y }
}

/// Returns 1 / √`x`.
public struct Rsqrt: FloatingUnaryOperation {
  public static let tfName = "Rsqrt"

  public init() {}

  public var fusion: FusionClass { .pointwise(.rsqrt) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy * (-0.5 * y * square(y)) }
}

/// Returns 1 / `x`.
public struct Reciprocal: FloatingUnaryOperation {
  public static let tfName = "Reciprocal"

  public init() {}

  public var fusion: FusionClass { .pointwise(.reciprocal) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { -dy * square(y) }
}

/// Returns |`x`| elementwise.
///
/// The gradient at 0 is 0. Source: `tf.abs`.
public func abs(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Abs(), x, name: name, file: file, line: line)
}

/// Returns -`x` elementwise.
///
/// Source: `tf.negative`.
public func negative(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Neg(), x, name: name, file: file, line: line)
}

/// Returns -1, 0 or 1 for each element of `x`; a NaN stays a NaN.
///
/// Source: `tf.sign`.
public func sign(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Sign(), x, name: name, file: file, line: line)
}

/// Returns `x`² elementwise.
///
/// Source: `tf.square`.
public func square(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Square(), x, name: name, file: file, line: line)
}

/// Returns √`x` elementwise; NaN where `x` is negative.
///
/// Source: `tf.sqrt`.
public func sqrt(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Sqrt(), x, name: name, file: file, line: line)
}

/// Returns 1 / √`x` elementwise.
///
/// Source: `tf.math.rsqrt`.
public func rsqrt(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Rsqrt(), x, name: name, file: file, line: line)
}

/// Returns 1 / `x` elementwise.
///
/// Source: `tf.math.reciprocal`.
public func reciprocal(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Reciprocal(), x, name: name, file: file, line: line)
}

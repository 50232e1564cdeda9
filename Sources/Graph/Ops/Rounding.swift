/// Rounding, and what numbers are: no gradient flows through these.

/// A pointwise operation on floating-point numbers through which no gradient flows.
public protocol RoundingOperation: NonDifferentiable {}

extension RoundingOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.floating, "x")
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

/// Returns the largest whole number that is not above `x`.
public struct Floor: RoundingOperation {
  public static let tfName = "Floor"

  public init() {}

  public var fusion: FusionClass { .pointwise(.floor) }
}

/// Returns the least whole number that is not below `x`.
public struct Ceil: RoundingOperation {
  public static let tfName = "Ceil"

  public init() {}

  public var fusion: FusionClass { .pointwise(.ceil) }
}

/// Returns the nearest whole number, halves to even.
public struct Round: RoundingOperation {
  public static let tfName = "Round"

  public init() {}

  public var fusion: FusionClass { .pointwise(.round) }
}

/// Returns the nearest whole number, halves to even.
public struct Rint: RoundingOperation {
  public static let tfName = "Rint"

  public init() {}

  public var fusion: FusionClass { .pointwise(.round) }
}

/// A question about each floating-point number.
public protocol FloatingPredicate: NonDifferentiable {}

extension FloatingPredicate {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.floating, "x")
    return [TensorType(.bool, inputs[0].shape)]
  }
}

/// Returns whether `x` is neither infinite nor a NaN.
public struct IsFinite: FloatingPredicate {
  public static let tfName = "IsFinite"

  public init() {}

  public var fusion: FusionClass { .pointwise(.isFinite) }
}

/// Returns whether `x` is infinite.
public struct IsInf: FloatingPredicate {
  public static let tfName = "IsInf"

  public init() {}

  public var fusion: FusionClass { .pointwise(.isInf) }
}

/// Returns whether `x` is not a number.
public struct IsNan: FloatingPredicate {
  public static let tfName = "IsNan"

  public init() {}

  public var fusion: FusionClass { .pointwise(.isNaN) }
}

/// Returns the largest whole number that is not above `x`, elementwise.
///
/// Source: `tf.floor`.
public func floor(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Floor(), x, name: name, file: file, line: line)
}

/// Returns the least whole number that is not below `x`, elementwise.
///
/// Source: `tf.math.ceil`.
public func ceil(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Ceil(), x, name: name, file: file, line: line)
}

/// Returns the nearest whole number, halves to even, elementwise; integers as they are.
///
/// Source: `tf.round`.
public func round(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  x.dataType.isInteger ? x : apply(Round(), x, name: name, file: file, line: line)
}

/// Returns the nearest whole number, halves to even, elementwise, of floating-point numbers only.
///
/// Source: `tf.math.rint`.
public func rint(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Rint(), x, name: name, file: file, line: line)
}

/// Returns which elements of `x` are neither infinite nor NaN.
///
/// Source: `tf.math.is_finite`.
public func isFinite(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(IsFinite(), x, name: name, file: file, line: line)
}

/// Returns which elements of `x` are infinite.
///
/// Source: `tf.math.is_inf`.
public func isInf(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(IsInf(), x, name: name, file: file, line: line)
}

/// Returns which elements of `x` are NaN.
///
/// Source: `tf.math.is_nan`.
public func isNaN(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(IsNan(), x, name: name, file: file, line: line)
}

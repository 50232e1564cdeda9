/// Comparisons and the logic of their results.

/// A question about two tensors of one type that are broadcast against each other; the answers are bool.
public protocol ComparisonOperation: NonDifferentiable {}

extension ComparisonOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    let shape = try broadcastShape(inputs)
    try expect(inputs[0], isOneOf: DataType.numeric, "x")
    return [TensorType(.bool, shape)]
  }
}

/// Returns whether `x` is `y`.
public struct Equal: NonDifferentiable {
  public static let tfName = "Equal"

  public init() {}

  public var fusion: FusionClass { .pointwise(.equal) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(.bool, try broadcastShape(inputs))]
  }
}

/// Returns whether `x` is not `y`.
public struct NotEqual: NonDifferentiable {
  public static let tfName = "NotEqual"

  public init() {}

  public var fusion: FusionClass { .pointwise(.notEqual) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(.bool, try broadcastShape(inputs))]
  }
}

/// Returns whether `x` < `y`.
public struct Less: ComparisonOperation {
  public static let tfName = "Less"

  public init() {}

  public var fusion: FusionClass { .pointwise(.less) }
}

/// Returns whether `x` ≤ `y`.
public struct LessEqual: ComparisonOperation {
  public static let tfName = "LessEqual"

  public init() {}

  public var fusion: FusionClass { .pointwise(.lessEqual) }
}

/// Returns whether `x` > `y`.
public struct Greater: ComparisonOperation {
  public static let tfName = "Greater"

  public init() {}

  public var fusion: FusionClass { .pointwise(.greater) }
}

/// Returns whether `x` ≥ `y`.
public struct GreaterEqual: ComparisonOperation {
  public static let tfName = "GreaterEqual"

  public init() {}

  public var fusion: FusionClass { .pointwise(.greaterEqual) }
}

/// A logical function of two bool tensors that are broadcast against each other.
public protocol LogicalOperation: NonDifferentiable {}

extension LogicalOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    let shape = try broadcastShape(inputs)
    try expect(inputs[0], isOneOf: [.bool], "x")
    return [TensorType(.bool, shape)]
  }
}

/// Returns whether both are true.
public struct LogicalAnd: LogicalOperation {
  public static let tfName = "LogicalAnd"

  public init() {}

  public var fusion: FusionClass { .pointwise(.logicalAnd) }
}

/// Returns whether either is true.
public struct LogicalOr: LogicalOperation {
  public static let tfName = "LogicalOr"

  public init() {}

  public var fusion: FusionClass { .pointwise(.logicalOr) }
}

/// Returns whether `x` is false.
public struct LogicalNot: NonDifferentiable {
  public static let tfName = "LogicalNot"

  public init() {}

  public var fusion: FusionClass { .pointwise(.logicalNot) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.bool], "x")
    return [TensorType(.bool, inputs[0].shape)]
  }
}

/// Returns whether `x` is `y`, elementwise. A NaN is not equal to anything.
///
/// Source: `tf.equal`.
public func equal(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Equal(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` is not `y`, elementwise.
///
/// Source: `tf.not_equal`.
public func notEqual(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(NotEqual(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` < `y`, elementwise.
///
/// Source: `tf.less`.
public func less(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Less(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` ≤ `y`, elementwise.
///
/// Source: `tf.less_equal`.
public func lessEqual(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(LessEqual(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` > `y`, elementwise.
///
/// Source: `tf.greater`.
public func greater(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Greater(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` ≥ `y`, elementwise.
///
/// Source: `tf.greater_equal`.
public func greaterEqual(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(GreaterEqual(), x, y, name: name, file: file, line: line)
}

/// Returns whether both `x` and `y` are true, elementwise.
///
/// Source: `tf.logical_and`.
public func logicalAnd(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(LogicalAnd(), x, y, name: name, file: file, line: line)
}

/// Returns whether `x` or `y` is true, elementwise.
///
/// Source: `tf.logical_or`.
public func logicalOr(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(LogicalOr(), x, y, name: name, file: file, line: line)
}

/// Returns whether one of `x` and `y` is true and the other false, elementwise.
///
/// Source: `tf.math.logical_xor`.
public func logicalXor(
  _ x: Tensor, _ y: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("LogicalXor", name, on: [x, y], file, line) {
    logicalAnd(logicalOr(x, y), logicalNot(logicalAnd(x, y)))
  }
}

/// Returns whether `x` is false, elementwise.
///
/// Source: `tf.logical_not`.
public func logicalNot(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(LogicalNot(), x, name: name, file: file, line: line)
}

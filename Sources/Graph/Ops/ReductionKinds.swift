/// Reductions other than the sum: mean, extremes, product and logic.

/// Returns the mean of elements along axes; of integers rounded towards zero.
public struct Mean: ReductionOperation {
  public static let tfName = "Mean"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public var fusion: FusionClass { .reduction(.mean) }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    return [broadcast(withAxes(dy / elementsPerMean(node, dy.dataType), node), to: shape(x)), nil]
  }

  private func elementsPerMean(_ node: Node, _ dataType: DataType) -> Tensor {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if let all = x.shape.count, let kept = y.shape.count {
      return constant(number: Double(all / max(kept, 1)), dataType, name: "count")
    }
    let kept = maximum(size(y), constant(index: 1, name: "one"))
    return cast(floorDiv(size(x), kept), to: dataType)
  }
}

/// Returns the largest of elements along axes; -∞, or the least integer, of none.
public struct Max: ReductionOperation {
  public static let tfName = "Max"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public var fusion: FusionClass { .reduction(.max) }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [extremeGradient(node, upstream[0]), nil]
  }
}

/// Returns the smallest of elements along axes; ∞, or the largest integer, of none.
public struct Min: ReductionOperation {
  public static let tfName = "Min"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public var fusion: FusionClass { .reduction(.min) }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [extremeGradient(node, upstream[0]), nil]
  }
}

extension ReductionOperation {
  /// Elements that share the extreme share its gradient evenly.
  fileprivate func extremeGradient(_ node: Node, _ dy: Tensor?) -> Tensor? {
    guard let dy else { return nil }
    let x = node.inputs[0]
    let isExtreme = cast(equal(withAxes(node.outputs[0], node), x), to: x.dataType)
    let ties = apply(Sum(keepDims: true), isExtreme, node.inputs[1])
    return isExtreme / ties * withAxes(dy, node)
  }
}

/// Returns the product of elements along axes; 1 of none.
public struct Prod: ReductionOperation {
  public static let tfName = "Prod"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public var fusion: FusionClass { .reduction(.prod) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    let shape = try reducedShape(inputs)
    let factors = inputs[0].knownValue.flatMap { shape == .scalar ? $0 : nil }
    let product = factors?.reduce(Int?.some(1)) { partial, factor in
      partial.flatMap {
        let (result, overflow) = $0.multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
      }
    }
    return [TensorType(inputs[0].dataType, shape, value: product.flatMap { $0 }.map { [$0] })]
  }

  /// Each element's gradient is the product of all others, from cumulative products on both sides of it: dividing by
  /// the element would fail at zeros.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    guard let rank = x.shape.rank, let reduced = try knownAxes(node.inputs[1].type, rank: rank) else {
      throw GraphError("the gradient of Prod needs a known rank and known axes")
    }
    let axes = Set(reduced).sorted()
    if axes.isEmpty { return [dy, nil] }
    let order = axes + (0..<rank).filter { !axes.contains($0) }
    let front = transpose(x, order: order)
    // The reduced axes are joined into one; the others into another.
    let columns = axes.count == rank ? reshape(front, to: [-1, 1]) : reshape(front, to: joined(front, axes.count))
    let others = cumprod(columns, axis: 0, exclusive: true) * cumprod(columns, axis: 0, exclusive: true, reverse: true)
    let product = transpose(reshape(others, to: shape(front)), order: inverse(of: order))
    return [product * withAxes(dy, node), nil]
  }

  private func joined(_ front: Tensor, _ count: Int) -> Tensor {
    let extents = shape(front)
    let rows = reduceProd(extents[.range(nil, count)])
    return stack([rows, reduceProd(extents[.range(count, nil)])])
  }
}

/// A reduction of truth values.
public protocol LogicalReductionOperation: ReductionOperation, NonDifferentiable {}

extension LogicalReductionOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: [.bool], "input")
    return [TensorType(.bool, try reducedShape(inputs))]
  }
}

/// Returns whether any of the elements along axes is true.
public struct ReduceAny: LogicalReductionOperation {
  public static let tfName = "Any"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [cast(apply(Max(keepDims: keepDims), cast(inputs[0], to: .int32), inputs[1]), to: .bool)]
  }
}

/// Returns whether all elements along axes are true.
public struct ReduceAll: LogicalReductionOperation {
  public static let tfName = "All"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [cast(apply(Min(keepDims: keepDims), cast(inputs[0], to: .int32), inputs[1]), to: .bool)]
  }
}

/// Returns the mean of `x` along `axes`; of integers rounded towards zero, of nothing NaN.
///
/// - Parameter axes: Counted from the end if negative; nil means all.
///
/// Source: `tf.reduce_mean`.
public func reduceMean(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(Mean(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns the largest element of `x` along `axes`. Equal largest elements share the gradient evenly.
///
/// Source: `tf.reduce_max`.
public func reduceMax(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(Max(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns the smallest element of `x` along `axes`. Equal smallest elements share the gradient evenly.
///
/// Source: `tf.reduce_min`.
public func reduceMin(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(Min(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns the product of the elements of `x` along `axes`.
///
/// Source: `tf.reduce_prod`.
public func reduceProd(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(Prod(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns whether any element of `x` along `axes` is true.
///
/// Source: `tf.reduce_any`.
public func reduceAny(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(ReduceAny(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns whether all elements of `x` along `axes` are true.
///
/// Source: `tf.reduce_all`.
public func reduceAll(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(ReduceAll(keepDims: keepDims), x, axes, name, file, line)
}

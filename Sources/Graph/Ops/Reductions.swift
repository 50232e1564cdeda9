/// A reduction of the first input along the axes that the second one, a constant integer vector or scalar, names.
public protocol ReductionOperation: Operation {
  /// Whether reduced axes stay with extent 1.
  var keepDims: Bool { get }
}

extension ReductionOperation {
  public var attributes: [String: AttributeValue] { ["keep_dims": .bool(keepDims)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    return [TensorType(inputs[0].dataType, try reducedShape(inputs))]
  }

  /// Returns `y`, an output or its gradient, with the reduced axes back as extents of 1.
  func withAxes(_ y: Tensor, _ node: Node) -> Tensor {
    keepDims ? y : restoringAxes(of: y, reducedBy: node)
  }
}

extension Operation {
  /// Returns the axes that `axes` names of a tensor of this rank, counted from the start; nil if they are not known.
  package func knownAxes(_ axes: TensorType, rank: Int) throws(GraphError) -> [Int]? {
    try expect(axes, isOneOf: [.int32, .int64], "reduction_indices")
    guard let values = axes.knownValue else { return nil }
    var result: [Int] = []
    for axis in values {
      guard (-rank..<rank).contains(axis) else {
        throw GraphError("Invalid reduction dimension \(axis) for input with \(rank) dimensions.")
      }
      result.append(axis < 0 ? axis + rank : axis)
    }
    return result
  }
}

extension ReductionOperation {
  func reducedShape(_ inputs: [TensorType]) throws(GraphError) -> Shape {
    guard let extents = inputs[0].shape.extents else {
      return .unknown
    }
    guard let axes = try knownAxes(inputs[1], rank: extents.count) else {
      return keepDims ? .unknown(rank: extents.count) : .unknown
    }
    let reduced = Set(axes)
    if keepDims { return Shape(extents.enumerated().map { reduced.contains($0.offset) ? 1 : $0.element }) }
    return Shape(extents.enumerated().filter { !reduced.contains($0.offset) }.map(\.element))
  }
}

/// Returns the sum of elements along axes.
public struct Sum: ReductionOperation {
  public static let tfName = "Sum"
  public let keepDims: Bool

  public init(keepDims: Bool = false) {
    self.keepDims = keepDims
  }

  public var fusion: FusionClass { .reduction(.sum) }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    return [broadcast(withAxes(dy, node), to: shape(node.inputs[0])), nil]
  }
}

/// Returns `reduced` with the axes back, with extent 1, along which `node` reduced its first input.
package func restoringAxes(of reduced: Tensor, reducedBy node: Node) -> Tensor {
  let x = node.inputs[0]
  if let rank = x.shape.rank, let axes = try? Sum().knownAxes(node.inputs[1].type, rank: rank) {
    return Set(axes).sorted().reduce(reduced) { expandDims($0, axis: $1) }
  }
  let keptShape = apply(ReducedShape(), shape(x), node.inputs[1])
  return reshape(reduced, to: keptShape)
}

/// Returns the sum of `x` along `axes`, of shape without them, or with extent 1 in their place if `keepDims`.
///
/// - Parameter axes: Counted from the end if negative; nil means all.
///
/// Source: `tf.reduce_sum`.
public func reduceSum(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  reduce(Sum(keepDims: keepDims), x, axes, name, file, line)
}

/// Returns a reduction of `x` along constant axes; all of them, of whatever rank, if nil.
func reduce(
  _ operation: some ReductionOperation, _ x: Tensor, _ axes: [Int]?, _ name: String?, _ file: StaticString, _ line: Int
) -> Tensor {
  BuildContext.at(file, line) {
    if x.isPoisoned { return x }
    return apply(operation, x, reductionAxes(of: x, axes), name: name)
  }
}

func reductionAxes(of x: Tensor, _ axes: [Int]?) -> Tensor {
  if let axes = axes ?? x.shape.rank.map({ Array(0..<$0) }) {
    return constant(axes.map(Int32.init(truncatingIfNeeded:)), name: "reduction_indices")
  }
  return apply(AllAxes(), x, name: "reduction_indices")
}

/// Returns the axes of `x`, 0 up to its rank, which is known when a plan is made.
public struct AllAxes: NonDifferentiable {
  public static let tfName = "EspalierAllAxes"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard let rank = inputs[0].shape.rank else { return [TensorType(.int32, [nil])] }
    return [TensorType(.int32, [rank], value: Array(0..<rank))]
  }
}

/// Returns the shape that reducing a tensor of shape `x` along axes leaves if reduced axes stay with extent 1.
public struct ReducedShape: NonDifferentiable {
  public static let tfName = "EspalierReducedShape"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    guard let extents = inputs[0].value, let axes = try knownAxes(inputs[1], rank: extents.count) else {
      return [TensorType(.int32, inputs[0].shape)]
    }
    let value = extents.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
    return [TensorType(.int32, [extents.count], value: value)]
  }
}

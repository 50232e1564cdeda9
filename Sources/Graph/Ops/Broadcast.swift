/// Returns the axes along which a tensor of the first shape, and one of the second, was broadcast against the other.
public struct BroadcastGradientArgs: NonDifferentiable {
  public static let tfName = "BroadcastGradientArgs"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    guard let a = inputs[0].knownValue, let b = inputs[1].knownValue else {
      return [TensorType(.int32, [nil]), TensorType(.int32, [nil])]
    }
    return [Self.axes(summedFor: a, against: b), Self.axes(summedFor: b, against: a)].map {
      TensorType(.int32, [$0.count], value: $0)
    }
  }

  static func axes(summedFor mine: [Int], against other: [Int]) -> [Int] {
    let rank = max(mine.count, other.count)
    return (0..<rank).filter { axis in
      let own = axis - (rank - mine.count)
      let theirs = axis - (rank - other.count)
      if own < 0 { return true }
      return mine[own] == 1 && theirs >= 0 && other[theirs] != 1
    }
  }
}

/// Returns `x` repeated along axes of extent 1 until it has the shape that the second input names.
public struct BroadcastTo: Operation {
  public static let tfName = "BroadcastTo"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    guard let target = inputs[1].value.map({ Shape($0) }) else { return [TensorType(inputs[0].dataType, .unknown)] }
    guard let shape = inputs[0].shape.broadcast(with: target), shape.isCompatible(with: target) else {
      throw GraphError("Incompatible shapes: \(inputs[0].shape) vs. \(target)")
    }
    return [TensorType(inputs[0].dataType, target)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { sum($0, downTo: node.inputs[0]) }, nil]
  }
}

/// Returns `x` broadcast to the shape that `shape`, an integer vector, names.
///
/// Source: `tf.broadcast_to`.
public func broadcast(
  _ x: Tensor, to shape: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  if let known = shape.type.knownValue, x.shape.known == known { return x }
  return apply(BroadcastTo(), x, shape, name: name, file: file, line: line)
}

/// Returns `gradient` summed along the axes along which `x` was broadcast to its shape, so that it has the shape of `x`.
package func sum(_ gradient: Tensor, downTo x: Tensor) -> Tensor {
  if gradient.isPoisoned || x.isPoisoned { return gradient }
  if let from = gradient.shape.known, let to = x.shape.known {
    if from == to { return gradient }
    let axes = BroadcastGradientArgs.axes(summedFor: to, against: from)
    let summed = reduceSum(gradient, axes: axes)
    return to.contains(1) ? reshape(summed, to: to) : summed
  }
  let shapes = [shape(x), shape(gradient)]
  let axes = apply(BroadcastGradientArgs(), to: shapes, outputs: 2)[0]
  return reshape(apply(Sum(), gradient, axes), to: shapes[0])
}

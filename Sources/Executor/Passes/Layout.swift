import EspalierGraph

extension Pass {
  /// Moves transpositions behind what does not care about the order of axes, until they meet their inverses.
  ///
  /// Convolutions of NCHW images come apart into transpositions around one of NHWC images; between two of those only
  /// pointwise operations and reductions are left, which then work on NHWC images, too.
  ///
  ///     %1 = Transpose(%0, p); %2 = Relu(%1)        →   %1 = Relu(%0); %2 = Transpose(%1, p)
  ///     %1 = Transpose(%0, p); %2 = Sum(%1, [2])    →   %2 = Sum(%0, [p(2)])
  ///     %2 = Transpose(Transpose(%0, p), p⁻¹)       →   %0
  static let layout = Pass("layout") { program, _ throws(ExecutionError) in
    guard program.nodes.contains(where: { $0.operation is Transpose }) else { return }
    try program.rewrite { node, rewriter throws(ExecutionError) in
      guard node.operation.effect == .none, node.control.isEmpty, node.outputs.count == 1 else {
        return rewriter.emit(node)
      }
      return try rewriter.emitBehindTransposition(node) ?? rewriter.emit(node)
    }
  }
}

/// A value and the order of axes in which it is seen.
private struct Transposed {
  let source: TensorID
  let order: [Int]

  var inverse: [Int] {
    var result = order
    for (place, axis) in order.enumerated() { result[axis] = place }
    return result
  }
}

extension Rewriter {
  /// Emits `node` on what its inputs are transposed from, or returns nil.
  fileprivate mutating func emitBehindTransposition(_ node: Program.Node) throws(ExecutionError) -> [TensorID]? {
    switch node.operation.fusion {
    case .pointwise: return try emitPointwise(node)
    case .reduction: return try emitReduction(node)
    default: return node.operation is Transpose ? try emitComposed(node) : nil
    }
  }

  private func transposed(_ value: TensorID) -> Transposed? {
    let node = producer(of: value)
    guard node.operation is Transpose, node.control.isEmpty else { return nil }
    return order(of: node).map { Transposed(source: node.inputs[0], order: $0) }
  }

  private func order(of node: Program.Node) -> [Int]? {
    type(of: node.inputs[1]).knownValue.map { order in order.map { $0 < 0 ? $0 + order.count : $0 } }
  }

  /// Two transpositions are one, or none.
  private mutating func emitComposed(_ node: Program.Node) throws(ExecutionError) -> [TensorID]? {
    guard let outer = order(of: node) else { return nil }
    if outer == Array(outer.indices) { return [node.inputs[0]] }
    guard let inner = transposed(node.inputs[0]) else { return nil }
    let both = outer.map { inner.order[$0] }
    if both == Array(both.indices) { return [inner.source] }
    return [try transpose(inner.source, both, like: node)]
  }

  private mutating func emitPointwise(_ node: Program.Node) throws(ExecutionError) -> [TensorID]? {
    guard let shape = node.outputs[0].shape.known,
      let model = node.inputs.lazy.compactMap(transposed).first(where: { type(of: $0.source).shape.rank == shape.count }
      )
    else { return nil }
    guard node.inputs.allSatisfy({ canUndo(model, on: $0) }) else { return nil }
    var inputs: [TensorID] = []
    for input in node.inputs { inputs.append(try undo(model, on: input, like: node)) }
    let moved = try emit(node.operation, inputs, like: node)[0]
    return [try transpose(moved, model.order, like: node)]
  }

  /// Whether `value` can be had in the order of axes from before the transposition without moving its elements.
  private func canUndo(_ model: Transposed, on value: TensorID) -> Bool {
    if let own = transposed(value), own.order == model.order { return true }
    guard let extents = type(of: value).shape.known, extents.count <= model.order.count else { return false }
    let full = [Int](repeating: 1, count: model.order.count - extents.count) + extents
    // Moving axes of extent 1 around leaves the elements where they are.
    let moved = model.inverse.filter { full[$0] != 1 }
    return moved == moved.sorted()
  }

  private mutating func undo(
    _ model: Transposed, on value: TensorID, like node: Program.Node
  ) throws(ExecutionError) -> TensorID {
    if let own = transposed(value), own.order == model.order { return own.source }
    let extents = type(of: value).shape.known ?? []
    if extents.reduce(1, *) == 1, extents.isEmpty { return value }
    let full = [Int](repeating: 1, count: model.order.count - extents.count) + extents
    let target = model.inverse.map { full[$0] }
    return try emit(Reshape(), [value, vector(target, like: node)], like: node)[0]
  }

  private mutating func emitReduction(_ node: Program.Node) throws(ExecutionError) -> [TensorID]? {
    guard node.inputs.count == 2, let model = transposed(node.inputs[0]), let axes = type(of: node.inputs[1]).knownValue
    else { return nil }
    let rank = model.order.count
    let reduced = Set(axes.map { model.order[$0 < 0 ? $0 + rank : $0] })
    // What is left must come in the same order.
    let kept = model.order.filter { !reduced.contains($0) && (type(of: model.source).shape[$0] ?? 0) != 1 }
    guard kept == kept.sorted() else { return nil }
    // Variances are of the first axes only.
    if node.operation.fusion == .reduction(.variance), kept.contains(where: { $0 < reduced.max() ?? 0 }) { return nil }
    let indices = vector(reduced.sorted(), like: node)
    let moved = try emit(node.operation, [model.source, indices], like: node)[0]
    guard let shape = node.outputs[0].shape.known, type(of: moved).shape.known != shape else { return [moved] }
    return try emit(Reshape(), [moved, vector(shape, like: node)], like: node)
  }

  private mutating func transpose(
    _ value: TensorID, _ order: [Int], like node: Program.Node
  ) throws(ExecutionError) -> TensorID {
    try emit(Transpose(), [value, vector(order, like: node)], like: node)[0]
  }

  private mutating func vector(_ values: [Int], like node: Program.Node) -> TensorID {
    emit(constant: HostTensor(values.map(Int32.init(truncatingIfNeeded:))), like: node)
  }
}

import EspalierGraph

extension Pass {
  /// Computes what depends on nothing but constants and shapes.
  ///
  ///     %1 = Shape(%0 : float32[8,3])   →   %1 = Const()
  ///     %2 = Const(); %3 = Sqrt(%2)     →   %3 = Const()
  static let foldConstants = Pass("fold-constants") { program, context throws(ExecutionError) in
    try program.rewrite { node, rewriter throws(ExecutionError) in
      guard node.operation.effect == .none, !node.outputs.isEmpty, !(node.operation is Constant) else {
        return rewriter.emit(node)
      }
      let values = node.valuesFromTypes() ?? rewriter.valuesFromConstants(node, context.pool)
      guard let values else { return rewriter.emit(node) }
      return values.map { rewriter.emit(constant: $0, like: node) }
    }
  }
}

extension Program.Node {
  /// Returns the values of the outputs if they all follow from types.
  fileprivate func valuesFromTypes() -> [HostTensor]? {
    var result: [HostTensor] = []
    for type in outputs {
      guard let known = type.knownValue, let shape = type.shape.known, shape.reduce(1, *) == known.count else {
        return nil
      }
      let tensor =
        type.dataType == .int64
        ? try? HostTensor(known.map(Int64.init), shape: shape)
        : try? HostTensor(known.map(Int32.init(truncatingIfNeeded:)), shape: shape)
      guard let tensor, tensor.dataType == type.dataType else { return nil }
      result.append(tensor)
    }
    return result
  }
}

extension Rewriter {
  /// The most bytes that a folded value may have, unless it is no larger than what it is computed from.
  private static let largestResult = 1 << 20

  /// Returns the values of the outputs if all inputs are constants, and computing the outputs pays and succeeds.
  fileprivate func valuesFromConstants(_ node: Program.Node, _ pool: ThreadPool) -> [HostTensor]? {
    var inputs: [HostTensor] = []
    for input in node.inputs {
      guard let constant = producer(of: input).operation as? Constant else { return nil }
      inputs.append(constant.value)
    }
    guard !inputs.isEmpty else { return nil }
    let before = inputs.reduce(0) { $0 + $1.byteCount }
    let after = node.outputs.reduce(0) { $0 + $1.byteCount }
    guard after <= max(before, Self.largestResult) else { return nil }
    // A number repeated many times is better kept as a number: it is repeated in registers.
    guard !(node.operation is BroadcastTo && after > before) else { return nil }
    // What fails here fails again when the plan runs, and then with its place.
    return try? evaluate(node, inputs, pool: pool)
  }
}

extension TensorType {
  /// The bytes of a dense tensor of this type; 0 for strings and unknown shapes.
  package var byteCount: Int { (dataType.size ?? 0) * (shape.count ?? 0) }
}

import EspalierGraph

/// Walks a graph backwards and adds the operations that compute gradients.
///
/// No tape is needed: an input exists before its use, so a scan over node numbers downwards meets a node only after all
/// of its consumers, when its gradient is complete.
struct GradientBuilder {
  private let graph: Graph
  private let xs: Set<TensorID>
  private let stopped: Set<TensorID>
  /// Whether an output of the node depends on some `x`, by node.
  private var depends: [Bool]
  private var partials: [TensorID: [Tensor]] = [:]
  private var found: [TensorID: Tensor] = [:]

  init(graph: Graph, xs: [Tensor], stopped: [Tensor]) {
    self.graph = graph
    self.xs = Set(xs.map(\.id))
    self.stopped = Set(stopped.map(\.id))
    depends = [Bool](repeating: false, count: graph.nodeCount)
    for id in (xs.map(\.id.node).min() ?? 0)..<max(graph.nodeCount, 0) where id >= 0 {
      depends[id] = graph.record(id).inputs.contains(where: carriesGradient)
    }
  }

  func gradient(of x: Tensor) -> Tensor? { found[x.id] }

  /// Takes in what flows into each `y`.
  mutating func seed(_ ys: [Tensor], with seeds: [Tensor?]) throws(GraphError) {
    for (index, (y, seed)) in zip(ys, seeds).enumerated() {
      guard y.dataType.isFloating else {
        throw GraphError("Gradients of \(y.name) are not defined: its elements are \(y.dataType)")
      }
      let incoming = seed ?? broadcast(ones(like: y), to: shape(y), name: "grad_ys_\(index)")
      try check(incoming, fits: y, from: y.node)
      partials[y.id, default: []].append(incoming)
    }
  }

  private func ones(like y: Tensor) -> Tensor { constant(number: 1, y.dataType, name: "ones") }

  /// Carries gradients from outputs to inputs, node by node, last first.
  mutating func propagate() throws(GraphError) {
    for id in stride(from: depends.count - 1, through: 0, by: -1) {
      let node = Node(graph: graph, id: id)
      guard let upstream = collect(node), depends[id] else { continue }
      try carry(upstream, through: node)
    }
  }

  /// Returns the gradients of the node's outputs that go on to its inputs, or nil if there are none.
  private mutating func collect(_ node: Node) -> [Tensor?]? {
    var upstream: [Tensor?] = []
    for output in node.outputs {
      let total = partials.removeValue(forKey: output.id).map(sum)
      if xs.contains(output.id) { found[output.id] = total }
      upstream.append(stopped.contains(output.id) ? nil : total)
    }
    return upstream.contains { $0 != nil } ? upstream : nil
  }

  private mutating func carry(_ upstream: [Tensor?], through node: Node) throws(GraphError) {
    let inputs = node.inputs
    let results = try BuildContext.current.with(\.site, node.site ?? BuildContext.current.site).with(
      \.device, node.device
    ).enter {
      () throws(GraphError) in
      try nameScope(node.name + "_grad") { () throws(GraphError) in try node.operation.gradient(node, upstream) }
    }
    try graph.check()
    for (input, result) in zip(inputs, results) {
      guard let result, carriesGradient(input.id) else { continue }
      try check(result, fits: input, from: node)
      partials[input.id, default: []].append(result)
    }
  }

  private func carriesGradient(_ id: TensorID) -> Bool {
    guard graph.type(of: id).dataType.isFloating else { return false }
    return xs.contains(id) || (depends[id.node] && !stopped.contains(id))
  }

  private func check(_ gradient: Tensor, fits tensor: Tensor, from node: Node) throws(GraphError) {
    guard gradient.dataType == tensor.dataType, gradient.shape.isCompatible(with: tensor.shape) else {
      throw GraphError(
        "Gradient \(gradient.type) generated for op '\(node.name)' (op type: \(node.operation.name)) "
          + "does not match the type \(tensor.type) of \(tensor.name)")
    }
  }
}

/// Returns the sum of the gradients that reach one tensor from its consumers.
private func sum(_ partials: [Tensor]) -> Tensor {
  partials.count == 1 ? partials[0] : addN(partials)
}

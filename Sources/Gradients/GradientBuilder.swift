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
  private let gates: Bool
  private let aggregation: AggregationMethod
  private let colocates: Bool

  init(
    graph: Graph, xs: [Tensor], stopped: [Tensor], gates: Bool, aggregation: AggregationMethod, colocates: Bool
  ) {
    self.graph = graph
    self.gates = gates
    self.aggregation = aggregation
    self.colocates = colocates
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
      let incoming = context(for: y.node).enter {
        seed ?? broadcast(ones(like: y), to: shape(y), name: "grad_ys_\(index)")
      }
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
      let total = partials.removeValue(forKey: output.id).map { partials in
        context(for: node).enter { sum(partials, from: node) }
      }
      if xs.contains(output.id) { found[output.id] = total }
      upstream.append(stopped.contains(output.id) ? nil : total)
    }
    return upstream.contains { $0 != nil } ? upstream : nil
  }

  private mutating func carry(_ upstream: [Tensor?], through node: Node) throws(GraphError) {
    let inputs = node.inputs
    let results = try context(for: node).enter { () throws(GraphError) in
      try nameScope(node.name + "_grad") { () throws(GraphError) in
        let results = try gradient(of: node, upstream)
        guard gates, results.count(where: { $0 != nil }) > 1 else { return results }
        return BuildContext.current.unplaced.enter { tuple(results) }
      }
    }
    try graph.check()
    guard results.count == inputs.count else {
      throw GraphError(
        "Num gradients \(results.count) generated for op '\(node.name)' (op type: \(node.operation.name)) do not match "
          + "num inputs \(inputs.count)")
    }
    for (input, result) in zip(inputs, results) {
      guard let result, carriesGradient(input.id) else { continue }
      try check(result, fits: input, from: node)
      partials[input.id, default: []].append(result)
    }
  }

  /// Returns where the nodes are made that carry a gradient through `node`.
  private func context(for node: Node) -> BuildContext {
    let context = BuildContext.current.with(\.site, node.site ?? BuildContext.current.site)
    return colocates ? context.colocated(with: node, ignoringOthers: true) : context
  }

  /// Returns what the operation says of its gradient, or the function that the node names in its place.
  private func gradient(of node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let name = node.record.gradientName else { return try node.operation.gradient(node, upstream) }
    guard let function = graph.gradientFunctions[name] else {
      throw GraphError(
        "No gradient defined for operation '\(node.name)' (op type: \(node.operation.name)): none is registered "
          + "under the name '\(name)'")
    }
    return try function(node, upstream)
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

  /// Returns the sum of the gradients that reach an output of `node` from its consumers.
  private func sum(_ partials: [Tensor], from node: Node) -> Tensor {
    if partials.count == 1 { return partials[0] }
    guard aggregation == .addN else {
      return nameScope(node.name + "_gradient_sum") { partials.dropFirst().reduce(partials[0]) { addN([$0, $1]) } }
    }
    let byDevice = Dictionary(grouping: partials) { $0.node.device }.sorted { $0.key < $1.key }
    let summands = byDevice.map { _, partials in
      BuildContext.current.colocated(with: partials[0].node, ignoringOthers: true).enter {
        partials.count == 1 ? partials[0] : addN(partials)
      }
    }
    return summands.count == 1 ? summands[0] : addN(summands)
  }
}

import EspalierGraph

/// What the gradient is with respect to a tensor on which nothing depends.
///
/// Source: `tf.UnconnectedGradients`.
public enum UnconnectedGradients: Hashable, Sendable {
  /// None.
  case none
  /// Zeros.
  case zero
}

/// How the gradients that reach one tensor from several consumers are added up.
///
/// Source: `tf.AggregationMethod`.
public enum AggregationMethod: Int, Hashable, Sendable, CaseIterable {
  /// All at once; those of each device first.
  case addN = 0
  /// One after another, as they are there.
  case experimentalTree = 1
  /// As `experimentalTree`, which TensorFlow does too.
  case experimentalAccumulateN = 2
}

/// Returns the gradient of the sum of `ys` with respect to each of `xs`, by adding operations to their graph; nil for
/// an `x` on which no `y` depends.
///
/// Gradients are ordinary tensors: gradients of gradients work the same way.
///
/// - Parameters:
///   - gradYs: The gradient that comes in for each `y`, of its shape; nil means ones.
///   - stopGradients: Tensors that count as constants.
///   - unconnectedGradients: What there is for an `x` on which no `y` depends.
///   - gateGradients: Whether none of the gradients of an operation's inputs goes on before all of them are computed.
///   - aggregationMethod: How gradients that reach one tensor are added up.
///   - colocateGradientsWithOps: Whether the nodes of an operation's gradient go to the device of its node.
///   - name: The name scope of the new nodes.
/// - Throws: `GraphError` if the graph holds a mistake, an operation on the way has no gradient (the error names it),
///   or a gradient does not have the type of its input.
///
/// Source: `tf.gradients`.
public func gradients(
  of ys: [Tensor], withRespectTo xs: [Tensor], gradYs: [Tensor?]? = nil, stopGradients: [Tensor] = [],
  unconnectedGradients: UnconnectedGradients = .none, gateGradients: Bool = false,
  aggregationMethod: AggregationMethod = .addN, colocateGradientsWithOps: Bool = false, name: String = "gradients",
  file: StaticString = #fileID, line: Int = #line
) throws(GraphError) -> [Tensor?] {
  guard let graph = ys.first?.graph ?? xs.first?.graph else { return [] }
  try graph.check()
  let seeds = gradYs ?? [Tensor?](repeating: nil, count: ys.count)
  guard seeds.count == ys.count else { throw GraphError("Passed \(seeds.count) grad_ys for \(ys.count) ys") }
  guard (ys + xs).allSatisfy({ $0.graph === graph }) else {
    throw GraphError("the tensors of a gradient must be from one graph")
  }
  let site = SourceSite(file: file, line: line)
  let surroundings = BuildContext.current
  return try BuildContext(graph: graph, nameScope: surroundings.nameScope, site: site).with(
    \.device, surroundings.device
  ).enter { () throws(GraphError) in
    try nameScope(name) { () throws(GraphError) in
      var builder = GradientBuilder(
        graph: graph, xs: xs, stopped: stopGradients, gates: gateGradients, aggregation: aggregationMethod,
        colocates: colocateGradientsWithOps)
      try builder.seed(ys, with: seeds)
      try builder.propagate()
      try graph.check()
      return xs.map { x in builder.gradient(of: x) ?? (unconnectedGradients == .zero ? zeros(like: x) : nil) }
    }
  }
}

/// Returns the gradient of the sum of `y`'s elements with respect to each of `xs`; nil where `y` does not depend on it.
public func gradients(
  of y: Tensor, withRespectTo xs: [Tensor], file: StaticString = #fileID, line: Int = #line
) throws(GraphError) -> [Tensor?] {
  try gradients(of: [y], withRespectTo: xs, file: file, line: line)
}

/// Does nothing but wait for its control inputs.
public struct NoOp: NonDifferentiable {
  public static let tfName = "NoOp"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [] }
}

/// Returns a node that runs after all of `nodes`.
///
/// Source: `tf.group`.
public func group(_ nodes: [Node], name: String = "group_deps", file: StaticString = #fileID, line: Int = #line) -> Node
{
  BuildContext.at(file, line) {
    let graph = nodes.first?.graph ?? BuildContext.current.requiredGraph
    if let failed = nodes.first(where: \.isPoisoned) { return failed }
    return withControlDependencies(on: nodes) { graph.node(NoOp(), name: name, site: BuildContext.current.site) }
  }
}

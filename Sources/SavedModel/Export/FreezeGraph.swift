import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Returns a graph, the bytes of a `GraphDef`, that computes `outputs` without variables: their values are constants.
///
/// - Throws: `GraphError` if the graph has mistakes, or an output needs an assignment; `ExecutionError` if a variable
///   has no value.
///
/// Source: `tf.compat.v1.graph_util.convert_variables_to_constants`.
public func frozenGraph(_ session: Session, outputs: [Tensor]) throws -> [UInt8] {
  let graph = session.graph
  try graph.check()
  var needed: Set<Int> = []
  var pending = outputs.map(\.node)
  while let next = pending.popLast() {
    guard needed.insert(next.id).inserted else { continue }
    pending += next.inputs.map(\.node) + next.controlInputs
  }
  var constants: [String: HostTensor] = [:]
  let nodes = graph.nodes.filter { needed.contains($0.id) }
  for node in nodes {
    if case .writes = node.operation.effect {
      throw GraphError("'\(node.name)' (\(node.operation.name)) changes a variable: it cannot be frozen")
    }
    guard node.operation is VariableV2 else { continue }
    guard let value = session.variables.value(of: node.name) else {
      throw ExecutionError("Attempting to use uninitialized value \(node.name)", kind: .failedPrecondition)
    }
    constants[node.name] = value
  }
  return GraphDefEncoder(nodes, stripsDefaults: true, constants: constants).encoded()
}

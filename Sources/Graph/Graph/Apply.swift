/// Returns the outputs of a new node that applies `operation` to `inputs`.
///
/// The node goes into the graph of the inputs, or the current graph if there are none. A mistake is recorded in the
/// graph with its place, and the results are poisoned tensors.
///
/// - Parameters:
///   - name: The last part of the node's name, made unique; by default TensorFlow's name of the operation.
///   - outputs: The number of outputs to hand back if the call fails.
public func apply(
  _ operation: some Operation, to inputs: [Tensor], name: String? = nil, outputs: Int = 1,
  file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  let context = BuildContext.current
  let graph = inputs.first?.graph ?? context.requiredGraph
  let site = context.site ?? SourceSite(file: file, line: line)
  return graph.outputs(of: operation, inputs, name: name, outputs: outputs, site: site)
}

/// Returns the single output of a new node that applies `operation` to `inputs`.
public func apply(
  _ operation: some Operation, _ inputs: Tensor..., name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  apply(operation, to: inputs, name: name, file: file, line: line)[0]
}

extension Graph {
  func outputs(
    of operation: some Operation, _ inputs: [Tensor], name: String?, outputs count: Int, site: SourceSite
  ) -> [Tensor] {
    let failed = [Tensor](repeating: Tensor(graph: self, id: TensorID(node: -1, index: 0)), count: count)
    // One mistake is reported once: what is computed from a failed call fails silently.
    if inputs.contains(where: \.isPoisoned) { return failed }
    do throws(GraphError) {
      return try add(operation, inputs: inputs, name: name, site: site).outputs
    } catch {
      report(error)
      return failed
    }
  }

  /// Returns a new node, or a poisoned one after recording why it failed.
  package func node(
    _ operation: some Operation, _ inputs: [Tensor] = [], name: String? = nil, site: SourceSite?
  ) -> Node {
    if inputs.contains(where: \.isPoisoned) { return Node(graph: self, id: -1) }
    do throws(GraphError) {
      return try add(operation, inputs: inputs, name: name, site: site)
    } catch {
      report(error)
      return Node(graph: self, id: -1)
    }
  }
}

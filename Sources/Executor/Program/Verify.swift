import EspalierGraph

extension Program {
  /// Returns the types of the outputs of a node for inputs of these types.
  static func outputTypes(of node: Node, _ inputs: [TensorType]) throws(ExecutionError) -> [TensorType] {
    var types: [TensorType]
    do throws(GraphError) {
      types = try node.operation.outputTypes(inputs)
    } catch {
      let shapes = inputs.map(\.description).joined(separator: ", ")
      throw ExecutionError("\(error.message) (inputs: \(shapes))")
        .located(operation: node.operation.name, node: node.name, site: node.site)
    }
    // The values of variables after an operation that has no output for them.
    for write in node.writes where write.output >= types.count { types.append(inputs[write.input]) }
    return types
  }

  /// Checks that every node comes after its inputs and that its types follow from theirs.
  ///
  /// - Throws: `ExecutionError` naming the pass that broke it.
  package func verify(after pass: String) throws(ExecutionError) {
    for (index, node) in nodes.enumerated() {
      guard node.dependencies.allSatisfy({ $0 >= 0 && $0 < index }) else {
        throw ExecutionError("after \(pass): \(node.name) comes before one of its inputs", kind: .unknown)
      }
      let types = try Self.outputTypes(of: node, node.inputs.map(type))
      guard types.count == node.outputs.count,
        zip(types, node.outputs).allSatisfy({ $0.dataType == $1.dataType && $0.shape.isCompatible(with: $1.shape) })
      else {
        throw ExecutionError("after \(pass): \(node.name) has types \(node.outputs), not \(types)", kind: .unknown)
      }
    }
  }
}

import EspalierGraph

extension Pass {
  /// Works out all types again, now that those of the feeds are fully known.
  ///
  ///     %0 = Feed() : float32[8,3]; %1 = Relu(%0) : float32[?,3]   →   %1 = Relu(%0) : float32[8,3]
  static let specialize = Pass("specialize", isRequired: true) { program, _ throws(ExecutionError) in
    for index in program.nodes.indices {
      let node = program.nodes[index]
      let types = try Program.outputTypes(of: node, node.inputs.map(program.type))
      // What was set by hand counts too.
      program.nodes[index].outputs = zip(types, node.outputs).map { now, before in
        TensorType(now.dataType, now.shape.merged(with: before.shape) ?? now.shape, value: now.value ?? before.value)
      }
    }
  }
}

extension Program {
  /// Throws unless all shapes are known.
  func checkShapesAreKnown() throws(ExecutionError) {
    for node in nodes {
      guard let vague = node.outputs.first(where: { !$0.shape.isKnown }) else { continue }
      throw ExecutionError(
        "the shape of \(node.name), \(vague), does not follow from the shapes that are fed", kind: .unimplemented
      ).located(operation: node.operation.name, node: node.name, site: node.site)
    }
  }
}

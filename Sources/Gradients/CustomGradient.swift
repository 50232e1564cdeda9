import EspalierGraph

/// Returns the outputs of a function of tensors whose gradient is one of the caller's own.
///
///     let y = customGradient(x) { x in
///       let e = exp(x)
///       return (log(1 + e), { dy in dy * (1 - 1 / (1 + e)) })
///     }
///
/// The gradient is called when somebody differentiates the outputs, once each time; what it builds can be differentiated
/// again. A variable that the function uses is a mistake of the graph, since its gradient would be forgotten: see the
/// form with `variables`.
///
/// - Parameters:
///   - inputs: The tensors with respect to which there is a gradient.
///   - body: Returns the outputs, and the function that returns the gradient with respect to each input (nil for none),
///     given those with respect to the outputs.
///
/// Source: `tf.custom_gradient`.
public func customGradient(
  _ inputs: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line,
  _ body: ([Tensor]) -> (outputs: [Tensor], gradient: (_ upstream: [Tensor]) throws(GraphError) -> [Tensor?])
) -> [Tensor] {
  customized(inputs, takesVariables: false, name, file, line) { inputs in
    let (outputs, gradient) = body(inputs)
    return (outputs, { upstream, _ throws(GraphError) in (try gradient(upstream), []) })
  }
}

/// Returns the output of a function of one tensor whose gradient is one of the caller's own.
///
/// Source: `tf.custom_gradient`.
public func customGradient(
  _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line,
  _ body: (Tensor) -> (y: Tensor, gradient: (_ dy: Tensor) throws(GraphError) -> Tensor?)
) -> Tensor {
  customGradient([x], name: name, file: file, line: line) { inputs in
    let (y, gradient) = body(inputs[0])
    return ([y], { upstream throws(GraphError) in [try gradient(upstream[0])] })
  }[0]
}

/// Returns the outputs of a function of tensors and of trainable variables whose gradient is one of the caller's own.
///
/// - Parameters:
///   - inputs: The tensors with respect to which there is a gradient.
///   - body: Returns the outputs, and the function that returns the gradients with respect to each input and to each of
///     the trainable variables that `body` uses, given those with respect to the outputs. Variables come in the order in
///     which they were made.
///
/// Source: `tf.custom_gradient` with a gradient that takes `variables`.
public func customGradient(
  _ inputs: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line,
  withVariables body: ([Tensor]) -> (
    outputs: [Tensor],
    gradient: (_ upstream: [Tensor], _ variables: [Variable]) throws(GraphError) -> (
      inputs: [Tensor?], variables: [Tensor?]
    )
  )
) -> [Tensor] {
  customized(inputs, takesVariables: true, name, file, line, body)
}

private typealias VariableGradient = ([Tensor], [Variable]) throws(GraphError) -> (
  inputs: [Tensor?], variables: [Tensor?]
)

private func customized(
  _ inputs: [Tensor], takesVariables: Bool, _ name: String?, _ file: StaticString, _ line: Int,
  _ body: ([Tensor]) -> (outputs: [Tensor], gradient: VariableGradient)
) -> [Tensor] {
  withCallSite(file, line) {
    let graph = inputs.first?.graph ?? currentGraph
    let start = graph.nodeCount
    let (outputs, gradient) = body(inputs)
    let variables = graph.trainableVariables(usedSince: start)
    guard takesVariables || variables.isEmpty else {
      let names = variables.map { "'\($0.name)'" }.joined(separator: ", ")
      let failed = failedTensor(
        "the gradient of one's own has to be one that takes variables, since the function uses [\(names)]", in: graph)
      return outputs.map { _ in failed }
    }
    let key = graph.unusedGradientName()
    graph.registerGradient(key) { node, upstream throws(GraphError) in
      // As in TensorFlow, zeros stand for the gradient of an output that nobody uses.
      let given = zip(upstream, node.outputs).prefix(outputs.count).map { $0 ?? zeros(like: $1) }
      let found = try gradient(given, variables)
      try checkCount(found.inputs, inputs.count, "inputs", node)
      try checkCount(found.variables, variables.count, "variables", node)
      return [Tensor?](repeating: nil, count: outputs.count) + found.inputs + found.variables
    }
    let all = withGradientOverrides([IdentityN.tfName: key]) {
      identityN(outputs + inputs + variables.map(\.value), name: name)
    }
    return Array(all.prefix(outputs.count))
  }
}

private func checkCount(_ gradients: [Tensor?], _ count: Int, _ what: String, _ node: Node) throws(GraphError) {
  guard gradients.count == count else {
    throw GraphError(
      "Num gradients \(gradients.count) generated for op '\(node.name)' (op type: \(node.operation.name)) do not match "
        + "num \(what) \(count)")
  }
}

extension Graph {
  /// Returns the trainable variables whose values the nodes from number `start` on take in, in the order of creation.
  fileprivate func trainableVariables(usedSince start: Int) -> [Variable] {
    var taken: Set<Tensor> = []
    for node in nodes.dropFirst(start) { taken.formUnion(node.inputs) }
    return collection(.trainableVariables, of: Variable.self).filter {
      // The read of a variable that was made meanwhile takes its handle in.
      taken.contains($0.value) || ($0.handle.node.id < start && taken.contains($0.handle))
    }
  }
}

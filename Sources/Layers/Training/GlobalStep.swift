import EspalierGraph

/// Returns the counter of training steps: the one that the graph has, or a new `int64` variable `global_step`.
///
/// It is in the collections `variables` and `global_step`, begins at 0, and optimizers add 1 to it after each step.
///
/// Source: `tf.train.get_or_create_global_step`.
///
/// - Parameter graph: By default the current one.
/// - Throws: `GraphError` if there are several counters, or the one there is not an integer scalar.
public func getOrCreateGlobalStep(
  in graph: Graph? = nil, file: StaticString = #fileID, line: Int = #line
) throws(GraphError) -> Variable {
  if let existing = try globalStep(in: graph) { return existing }
  return try createGlobalStep(in: graph, file: file, line: line)
}

/// Returns the counter of training steps, or nil if the graph has none.
///
/// Source: `tf.train.get_global_step`.
///
/// - Throws: `GraphError` if there are several counters, or the one there is not an integer scalar.
public func globalStep(in graph: Graph? = nil) throws(GraphError) -> Variable? {
  let graph = graph ?? BuildContext.current.requiredGraph
  let counters = graph.collection(.globalStep, of: Variable.self)
  guard counters.count <= 1 else { throw GraphError("Multiple tensors in global_step collection.") }
  guard let counter = counters.first ?? graph.variable(named: "global_step") else { return nil }
  guard counter.dataType.isInteger else {
    throw GraphError("Existing \"global_step\" does not have integer type: \(counter.dataType)")
  }
  guard counter.shape.isEmpty else {
    throw GraphError("Existing \"global_step\" is not scalar: \(Shape(counter.shape).tuple)")
  }
  return counter
}

/// Returns a new counter of training steps.
///
/// Source: `tf.train.create_global_step`.
///
/// - Throws: `GraphError` if the graph has one already.
@discardableResult
public func createGlobalStep(
  in graph: Graph? = nil, file: StaticString = #fileID, line: Int = #line
) throws(GraphError) -> Variable {
  guard try globalStep(in: graph) == nil else { throw GraphError("\"global_step\" already exists.") }
  return building(in: graph, file, line) {
    let target = graph ?? BuildContext.current.requiredGraph
    return BuildContext(graph: target, site: BuildContext.current.site).enter {
      getVariable(
        "global_step", shape: [], dataType: .int64, initializer: Initializers.zeros, trainable: false,
        collections: [.globalVariables, .globalStep]
      ).variable
    }
  }
}

/// Returns a node that gives variables their initial values.
///
/// Source: `tf.variables_initializer`.
public func variablesInitializer(
  _ variables: [Variable], name: String = "init", file: StaticString = #fileID, line: Int = #line
) -> Node {
  group(variables.map(\.initializer), name: name, file: file, line: line)
}

/// Returns a node that gives all variables that are saved their initial values.
///
/// - Parameter graph: By default the current one.
///
/// Source: `tf.global_variables_initializer`.
public func globalVariablesInitializer(
  in graph: Graph? = nil, name: String = "init", file: StaticString = #fileID, line: Int = #line
) -> Node {
  initializer(of: .globalVariables, graph, name, file, line)
}

/// Returns a node that gives the variables that are not saved, such as the sums of metrics, their initial values.
///
/// - Parameter graph: By default the current one.
///
/// Source: `tf.local_variables_initializer`.
public func localVariablesInitializer(
  in graph: Graph? = nil, name: String = "init_local", file: StaticString = #fileID, line: Int = #line
) -> Node {
  initializer(of: .localVariables, graph, name, file, line)
}

private func initializer(
  of key: CollectionKey, _ graph: Graph?, _ name: String, _ file: StaticString, _ line: Int
) -> Node {
  let graph = graph ?? BuildContext.current.requiredGraph
  let context = BuildContext.current.graph === graph ? BuildContext.current : BuildContext(graph: graph)
  return context.enter { variablesInitializer(graph.collection(key), name: name, file: file, line: line) }
}

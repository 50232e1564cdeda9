// What functions that build parts of graphs, layers and models of one's own, need to know and to say.

/// Returns the graph that new nodes go to; outside `withGraph` a fresh one that only holds the complaint.
///
/// Source: `tf.get_default_graph`.
public var currentGraph: Graph { BuildContext.current.requiredGraph }

/// Returns the path that the names of new nodes begin with, without a slash at its end; empty outside of scopes.
///
/// Source: `tf.Graph.get_name_scope`.
public var currentNameScope: String { BuildContext.current.nameScope }

/// Returns what `body` returns; the nodes that it makes count as made at this place, unless a call around it said so.
///
/// A function that takes `file: StaticString = #fileID, line: Int = #line` and hands them on here makes messages name
/// the line of its caller.
public func withCallSite<Result, Failure: Error>(
  _ file: StaticString, _ line: Int, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext.at(file, line, body)
}

/// Returns a tensor that stands for the result of a call that went wrong, after recording why.
///
/// What is built from it fails silently, so that building goes on to its end; `Graph.check()`, sessions and estimators
/// throw what was recorded.
///
/// - Parameter graph: By default the current one.
public func failedTensor(_ message: String, in graph: Graph? = nil) -> Tensor {
  let graph = graph ?? currentGraph
  graph.report(GraphError(message), site: BuildContext.current.site)
  return Tensor(Node(graph: graph, id: -1))
}

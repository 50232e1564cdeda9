/// Where new nodes go: the current graph, scopes, device and control dependencies.
///
/// `@unchecked Sendable` because task-local values must be: a graph is built in one isolation domain, and child tasks
/// must not build it.
package struct BuildContext: @unchecked Sendable {
  @TaskLocal package static var current = BuildContext()

  package var graph: Graph?
  package var nameScope = ""
  package var variableScope = VariableScope()
  package var device = ""
  /// Where new variables go, if not where other nodes do.
  var variablePlacement: VariablePlacement?
  /// The names of the nodes whose device new nodes share.
  package var colocation: [String] = []
  /// The names of the functions that compute gradients in place of operations, by the names of those.
  package var gradientOverrides: [String: String] = [:]
  package var control: [Node] = []
  /// The user's call that everything built meanwhile belongs to, when a layer builds several nodes.
  package var site: SourceSite?

  package init(graph: Graph? = nil, nameScope: String = "", site: SourceSite? = nil) {
    self.graph = graph
    self.nameScope = nameScope
    self.site = site
  }

  /// The current graph; outside `withGraph` a fresh one that only holds the complaint.
  package var requiredGraph: Graph {
    if let graph { return graph }
    let stray = Graph()
    stray.report(GraphError("there is no current graph: build inside withGraph(graph) { … }"), site: site)
    stray.finalize()
    return stray
  }

  func nameScope(of other: Graph) -> String { graph == nil || graph === other ? nameScope : "" }

  func controlInputs(of other: Graph) -> [Int] {
    control.filter { $0.graph === other && !$0.isPoisoned }.map(\.id)
  }

  /// Returns this context with one part changed.
  package func with<Value>(_ part: WritableKeyPath<BuildContext, Value>, _ value: Value) -> BuildContext {
    var result = self
    result[keyPath: part] = value
    return result
  }

  /// Returns what `body` returns, run in this context.
  package func enter<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let outcome: Swift.Result<Result, Failure> = Self.$current.withValue(self) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// Returns what `body` returns; the nodes that it makes count as made at this place, unless an outer call said so.
  package static func at<Result, Failure: Error>(
    _ file: StaticString, _ line: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if current.site != nil { return try body() }
    return try current.with(\.site, SourceSite(file: file, line: line)).enter(body)
  }
}

/// Returns what `body` returns, with `graph` as the graph that new nodes go to.
///
/// Source: `tf.Graph.as_default`.
public func withGraph<Result, Failure: Error>(
  _ graph: Graph, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext(graph: graph, site: BuildContext.current.site).enter(body)
}

/// Returns what `body` returns; the names of the nodes that it makes begin with `name/`, made unique.
///
/// A name that ends in `/` is a full path, taken as it is: so a scope is entered again.
///
/// Source: `tf.name_scope`.
public func nameScope<Result, Failure: Error>(
  _ name: String, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let context = BuildContext.current
  let path = context.requiredGraph.uniqueName(name, in: context.nameScope)
  return try context.with(\.nameScope, path).enter(body)
}

/// Returns what `body` returns; the nodes that it makes run only after `nodes`.
///
/// Source: `tf.control_dependencies`.
public func withControlDependencies<Result, Failure: Error>(
  on nodes: [Node], _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext.current.with(\.control, BuildContext.current.control + nodes).enter(body)
}

/// Returns what `body` returns; the nodes that it makes run without the control dependencies around it.
package func withoutControlDependencies<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext.current.with(\.control, []).enter(body)
}

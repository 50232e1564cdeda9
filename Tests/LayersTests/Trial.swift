import EspalierExecutor
import EspalierGraph

/// A graph with a session on it, whose variables have their initial values.
struct Trial<Nodes> {
  let nodes: Nodes
  let graph: Graph
  let session: Session

  /// Builds a graph and initializes its variables.
  init(_ build: () throws -> Nodes) throws {
    let graph = Graph()
    graph.seed = 1
    let (nodes, initializers) = try withGraph(graph) {
      (try build(), [globalVariablesInitializer(), localVariablesInitializer()])
    }
    self.nodes = nodes
    self.graph = graph
    session = Session(graph: graph)
    try graph.check()
    for initializer in initializers { try session.run(initializer) }
  }

  /// Returns all elements of a tensor.
  func values(_ tensor: Tensor, feeding: [Tensor: HostTensor] = [:]) throws -> [Double] {
    try session.run(tensor, feeding: feeding).doubles()
  }

  /// Returns the first element of a tensor.
  func value(_ tensor: Tensor, feeding: [Tensor: HostTensor] = [:]) throws -> Double {
    try values(tensor, feeding: feeding).first ?? .nan
  }
}

/// Returns whether numbers agree to within `tolerance`, element by element.
func agree(_ got: [Double], _ want: [Double], within tolerance: Double = 1e-6) -> Bool {
  got.count == want.count && zip(got, want).allSatisfy { Swift.abs($0 - $1) <= tolerance }
}

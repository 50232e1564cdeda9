import EspalierGraph

/// The part of a graph that one set of fetches needs, as the passes see and change it: an array of nodes, each after
/// all of its inputs.
///
/// Variables are in single-assignment form: `ReadVariable` gives the value from before the run, and each node that
/// writes a variable takes the value before and gives the value after.
package struct Program {
  /// One operation and what it is applied to.
  package struct Node {
    package var operation: any Operation
    package var inputs: [TensorID]
    /// Nodes that run before it, sorted, without duplicates.
    package var control: [Int] = []
    package var outputs: [TensorType]
    /// The variables that it writes.
    package var writes: [Write] = []
    package var name: String
    package var site: SourceSite?

    /// Whether it can be dropped when nobody uses its outputs.
    var isDroppable: Bool {
      switch operation.effect {
      case .none, .random: true
      case .stateful: operation.fusion == .source
      case .writes: false
      }
    }
  }

  /// A variable that a node writes: it takes the old value as an input and gives the new one, in the same memory, as an
  /// output.
  package struct Write: Hashable, Sendable {
    package var input: Int
    package var output: Int
  }

  package var nodes: [Node] = []
  /// What the caller wants to know, in its order.
  package var fetches: [TensorID] = []
  /// Nodes that run though nobody asks for a value of theirs.
  package var targets: [Int] = []

  /// Returns a program of nothing.
  package init() {}

  /// Returns what is known of a value.
  func type(of value: TensorID) -> TensorType { nodes[value.node].outputs[value.index] }

  /// For each node, the nodes that take one of its outputs or wait for it, each once.
  func users() -> [[Int]] {
    var result = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for source in node.dependencies where result[source].last != index { result[source].append(index) }
    }
    return result
  }
}

extension Program.Node {
  /// The nodes that run before it.
  var dependencies: [Int] { inputs.map(\.node) + control }

  /// Whether input number `index` is only the place of a value that it overwrites.
  func ignoresValue(ofInput index: Int) -> Bool {
    if let cluster = operation as? Cluster { return !cluster.loads(index) }
    return index == 0 && operation is Assign
  }
}

/// The value of a variable before the run.
package struct ReadVariable: NonDifferentiable {
  package static let tfName = "ReadVariable"
  package let variable: String
  package let type: TensorType

  package var fusion: FusionClass { .source }
  package var effect: Effect { .stateful }
  package func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [type] }
}

/// A value that the caller feeds, number `index` of the request.
package struct Feed: NonDifferentiable {
  package static let tfName = "Feed"
  package let index: Int
  package let type: TensorType

  package var fusion: FusionClass { .source }
  package var effect: Effect { .stateful }
  package func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [type] }
}

/// A copy of a value in memory of its own.
package struct Copy: NonDifferentiable {
  package static let tfName = "Copy"

  package func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }
}

import EspalierFormats
import EspalierGraph

/// The order in which nodes of a file can be added to a graph: each after its inputs.
struct ImportOrder {
  private enum Visit {
    case begun, done
  }

  private let definition: GraphDef
  private let positions: [String: Int]

  /// - Throws: `GraphError` if two nodes have the same name.
  init(_ definition: GraphDef) throws(GraphError) {
    self.definition = definition
    var positions: [String: Int] = [:]
    for (index, node) in definition.nodes.enumerated() {
      guard positions.updateValue(index, forKey: node.name) == nil else {
        throw GraphError("the graph has two nodes '\(node.name)'")
      }
    }
    self.positions = positions
  }

  /// Returns the positions of the nodes that `names` need, of all if it is nil.
  ///
  /// - Throws: `GraphError` if nodes wait for each other in a circle.
  func nodes(needed names: [String]?) throws(GraphError) -> [Int] {
    let roots = names?.compactMap { NodeReference($0).flatMap { positions[$0.node] } }
    var visits: [Int: Visit] = [:]
    var order: [Int] = []
    for root in roots ?? Array(definition.nodes.indices) {
      var stack = [root]
      // A stack of our own: graphs are deeper than the stack of a thread.
      while let index = stack.last {
        switch visits[index] {
        case nil:
          visits[index] = .begun
          for input in inputs(of: index) where visits[input] != .done {
            guard visits[input] == nil else {
              throw GraphError("the node '\(definition.nodes[index].name)' waits for itself")
            }
            stack.append(input)
          }
        case .begun:
          visits[index] = .done
          order.append(index)
          stack.removeLast()
        case .done: stack.removeLast()
        }
      }
    }
    return order
  }

  private func inputs(of index: Int) -> [Int] {
    definition.nodes[index].inputs.compactMap { NodeReference($0).flatMap { positions[$0.node] } }
  }
}

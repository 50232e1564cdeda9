/// A node of a graph: one application of an operation.
///
/// A small handle: the graph's identity and a number that only grows, so that inputs always have smaller numbers.
public struct Node {
  /// The graph that the node is in.
  public let graph: Graph
  /// The number of the node; -1 stands for the result of a call that failed.
  public let id: Int

  package init(graph: Graph, id: Int) {
    self.graph = graph
    self.id = id
  }

  /// Whether the call that should have made this node failed.
  package var isPoisoned: Bool { id < 0 }

  package var record: NodeRecord { graph.record(id) }

  /// The unique path, `block1/conv2d/Conv2D`.
  public var name: String { record.name }
  /// What it computes.
  public var operation: any Operation { record.operation }
  /// Its inputs in order.
  public var inputs: [Tensor] { record.inputs.map { Tensor(graph: graph, id: $0) } }
  /// Its outputs in order.
  public var outputs: [Tensor] {
    record.outputs.indices.map { Tensor(graph: graph, id: TensorID(node: id, index: $0)) }
  }
  /// The nodes that run before it without giving it a value.
  public var controlInputs: [Node] { record.controlInputs.map { Node(graph: graph, id: $0) } }
  /// The device that was asked for, `/device:GPU:0`, or empty.
  public var device: String { record.device }
  /// Where the user's program made it.
  public var site: SourceSite? { record.site }
  /// The names of the nodes whose device it shares; its own if it shares none.
  ///
  /// Source: `tf.Operation.colocation_groups`.
  public var colocationGroups: [String] { record.colocation.isEmpty ? [name] : record.colocation }
}

extension Node: Hashable {
  public static func == (a: Node, b: Node) -> Bool { a.graph === b.graph && a.id == b.id }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(graph))
    hasher.combine(id)
  }
}

extension Node: CustomStringConvertible {
  public var description: String { isPoisoned ? "<failed>" : name }
}

/// Which output of which node.
package struct TensorID: Hashable, Sendable {
  package var node: Int
  package var index: Int

  package init(node: Int, index: Int) {
    self.node = node
    self.index = index
  }
}

/// What the graph keeps of a node.
package struct NodeRecord {
  package let name: String
  package let operation: any Operation
  package let inputs: [TensorID]
  package let controlInputs: [Int]
  package var outputs: [TensorType]
  package let device: String
  package let site: SourceSite?
  /// The names of the nodes whose device it shares, if it was made to share one.
  package var colocation: [String] = []
  /// The name of the function that computes its gradient in place of its operation.
  package var gradientName: String?
}

/// A symbol for the value that an output of a node will have when the graph runs.
public struct Tensor {
  /// The graph that it belongs to.
  public let graph: Graph
  package let id: TensorID

  package init(graph: Graph, id: TensorID) {
    self.graph = graph
    self.id = id
  }

  package init(_ node: Node, _ index: Int = 0) {
    graph = node.graph
    id = TensorID(node: node.id, index: index)
  }

  /// Whether the call that should have made this tensor failed.
  public var isPoisoned: Bool { id.node < 0 }

  /// The node whose output it is.
  public var node: Node { Node(graph: graph, id: id.node) }
  /// What is known of its value before it is computed.
  public var type: TensorType { graph.type(of: id) }
  /// The element type.
  public var dataType: DataType { type.dataType }
  /// The shape as far as it is known.
  public var shape: Shape { type.shape }
  /// The name of the node and the number of the output, `block1/conv2d/Conv2D:0`.
  public var name: String { "\(node.name):\(id.index)" }
}

extension Tensor: Hashable {
  public static func == (a: Tensor, b: Tensor) -> Bool { a.graph === b.graph && a.id == b.id }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(graph))
    hasher.combine(id)
  }
}

extension Tensor: CustomStringConvertible {
  public var description: String { isPoisoned ? "<failed>" : "\(name) : \(type)" }
}

extension Tensor {
  /// Adds what the caller knows of the shape to what the graph knows: for results whose shape only their values tell.
  ///
  /// Shapes that contradict each other are a mistake of the graph. The values are not touched: see `reshape`.
  ///
  /// Source: `tf.Tensor.set_shape`.
  public func setShape(_ shape: Shape, file: StaticString = #fileID, line: Int = #line) {
    do throws(GraphError) { try graph.narrow(self, to: shape) } catch {
      graph.report(error, site: SourceSite(file: file, line: line))
    }
  }
}

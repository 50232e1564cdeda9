import EspalierGraph

/// How nodes of one of TensorFlow's operations become nodes here.
enum ImportRow: Sendable {
  /// One node, whose operation follows from the attributes.
  case operation(@Sendable (NodeAttributes) throws(GraphError) -> any Operation)
  /// Several nodes, or another order of inputs.
  case nodes(@Sendable (NodeImport) throws(GraphError) -> [Tensor])

  /// One node of an operation without attributes.
  static func plain(_ operation: any Operation) -> ImportRow {
    .operation { _ in operation }
  }
}

/// A node that is being imported.
final class NodeImport {
  let graph: Graph
  /// The name that the node gets.
  let name: String
  let inputs: [Tensor]
  let attributes: NodeAttributes
  private let site: SourceSite?
  /// The node that others mean who have to run after it: the last one that was added.
  private(set) var last: Node?

  init(graph: Graph, name: String, inputs: [Tensor], attributes: NodeAttributes, site: SourceSite?) {
    self.graph = graph
    self.name = name
    self.inputs = inputs
    self.attributes = attributes
    self.site = site
  }

  /// Returns the outputs of a new node.
  ///
  /// - Parameter part: What its name has after that of the imported node; nil for the node that has just that name.
  @discardableResult
  func add(_ operation: any Operation, _ inputs: [Tensor], part: String? = nil) throws(GraphError) -> [Tensor] {
    let path = part.map { name + "/" + $0 } ?? name
    try graph.claim(path)
    let node = try graph.add(operation, inputs: inputs, name: path + "/", site: site)
    last = node
    return node.outputs
  }

  /// Returns a constant beside the node.
  func constant(_ value: HostTensor, part: String) throws(GraphError) -> Tensor {
    try add(Constant(value), [], part: part)[0]
  }

  /// Throws unless there are as many inputs.
  func expectInputs(_ count: Int) throws(GraphError) {
    guard inputs.count == count else { throw GraphError("there are \(inputs.count) inputs, not \(count)") }
  }

  /// Returns the value of an input that is a constant.
  func constantInput(_ index: Int) throws(GraphError) -> HostTensor {
    guard inputs.indices.contains(index), let constant = inputs[index].node.operation as? Constant else {
      throw GraphError("input \(index) is not a constant")
    }
    return constant.value
  }
}

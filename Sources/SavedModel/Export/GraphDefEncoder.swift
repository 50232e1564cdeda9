import EspalierFormats
import EspalierGraph

/// Writes a graph as TensorFlow's `GraphDef`: for TensorBoard, and for TensorFlow where all operations are its own.
///
/// Source: `tensorflow/core/framework/graph.proto`, `node_def.proto`, `attr_value.proto`.
package struct GraphDefEncoder {
  /// The version of TensorFlow's graphs that the operations are written for: that of TensorFlow 1.15.
  private static let producer: Int64 = 134

  private let nodes: [Node]
  private let stripsDefaults: Bool
  /// The values of variables that are written as constants, by name.
  private let constants: [String: HostTensor]
  /// The names of all nodes that are written.
  private let names: Set<String>

  /// Returns an encoder of a whole graph.
  package init(_ graph: Graph) {
    self.init(graph.nodes)
  }

  /// Returns an encoder of some nodes.
  ///
  /// - Parameter stripsDefaults: Whether attributes that have TensorFlow's default value are left out, so that older
  ///   versions of TensorFlow, which may not have them, read the graph.
  init(_ nodes: [Node], stripsDefaults: Bool = false, constants: [String: HostTensor] = [:]) {
    self.nodes = nodes
    self.stripsDefaults = stripsDefaults
    self.constants = constants
    names = Set(nodes.map(\.name))
  }

  /// Returns the bytes of the message.
  package func encoded() -> [UInt8] { graphDef.serialized }

  /// The graph as a message.
  package var graphDef: GraphDef {
    GraphDef(nodes: nodes.flatMap(definitions), producer: Self.producer)
  }

  /// Returns the node, and before it those that it takes in TensorFlow's operations.
  private func definitions(of node: Node) -> [NodeDef] {
    if let value = constants[node.name] {
      let attributes = Constant(value).attributes.mapValues { NodeAttribute($0) }
      return [NodeDef(name: node.name, operation: Constant.tfName, attributes: attributes)]
    }
    if let map = node.operation as? MapElements { return MapLoop(node, map).definitions }
    if let polygamma = node.operation as? Polygamma { return Self.polygamma(node, polygamma) }
    if let expansion = Expansion(node.operation) {
      return expansion.definitions(for: node, stripsDefaults: stripsDefaults)
    }
    return [definition(of: node)]
  }

  /// Whether TensorFlow has what it takes to do what an operation does.
  static func canWrite(_ operation: any Operation) -> Bool {
    !operation.name.hasPrefix("Espalier") || operation is MapElements || operation is Polygamma
      || Expansion(operation) != nil
  }

  /// Returns a node of one of TensorFlow's own operations.
  static func definition(of node: Node, stripsDefaults: Bool) -> NodeDef {
    // What the operation says itself goes before what follows from its inputs.
    var attributes = TypeAttributes.of(node)
    attributes.merge(node.operation.attributes) { _, own in own }
    if stripsDefaults { attributes = DefaultAttributes.removed(from: attributes, of: node.operation.name) }
    attributes["_output_shapes"] = .shapes(node.outputs.map(\.shape))
    return NodeDef(
      name: node.name, operation: node.operation.name,
      inputs: node.inputs.map(reference) + node.controlInputs.map { "^" + $0.name }, device: node.device,
      attributes: attributes.mapValues { NodeAttribute($0) })
  }

  /// Returns a node with what was said of it besides.
  private func definition(of node: Node) -> NodeDef {
    var definition = Self.definition(of: node, stripsDefaults: stripsDefaults)
    // Who reads the graph looks for the nodes that are named here.
    let neighbours = node.record.colocation.filter(names.contains).map { "loc:@" + $0 }
    if !neighbours.isEmpty { definition.attributes["_class"] = NodeAttribute(.strings(neighbours)) }
    if let gradient = node.record.gradientName {
      definition.attributes["_gradient_op_type"] = NodeAttribute(.string(gradient))
    }
    return definition
  }

  static func reference(_ tensor: Tensor) -> String {
    tensor.id.index == 0 ? tensor.node.name : tensor.name
  }

  /// The derivatives of the digamma function, whose number TensorFlow has as an input.
  private static func polygamma(_ node: Node, _ operation: Polygamma) -> [NodeDef] {
    let type = node.inputs[0].dataType
    let order = type == .float64 ? HostTensor(Double(operation.order)) : HostTensor(Float(operation.order))
    let constant = NodeDef(
      name: node.name + "/a", operation: "Const",
      attributes: Constant(order).attributes.mapValues { NodeAttribute($0) })
    var result = definition(of: node, stripsDefaults: true)
    result.operation = "Polygamma"
    result.inputs.insert(constant.name, at: 0)
    result.attributes["order"] = nil
    return [constant, result]
  }
}

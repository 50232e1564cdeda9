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
    return node.operation is AllAxes ? Self.axes(of: node) : [definition(of: node)]
  }

  private func definition(of node: Node) -> NodeDef {
    // What the operation says itself goes before what follows from its inputs.
    var attributes = TypeAttributes.of(node)
    attributes.merge(node.operation.attributes) { _, own in own }
    if stripsDefaults { attributes = DefaultAttributes.removed(from: attributes, of: node.operation.name) }
    attributes["_output_shapes"] = .shapes(node.outputs.map(\.shape))
    return NodeDef(
      name: node.name, operation: node.operation.name,
      inputs: node.inputs.map(Self.reference) + node.controlInputs.map { "^" + $0.name }, device: node.device,
      attributes: attributes.mapValues { NodeAttribute($0) })
  }

  static func reference(_ tensor: Tensor) -> String {
    tensor.id.index == 0 ? tensor.node.name : tensor.name
  }

  /// All axes of a tensor: 0 up to its rank.
  private static func axes(of node: Node) -> [NodeDef] {
    let int32 = NodeAttribute(.type(.int32))
    func constant(_ name: String, _ value: Int32) -> NodeDef {
      NodeDef(
        name: node.name + "/" + name, operation: "Const",
        attributes: ["dtype": int32, "value": NodeAttribute(.tensor(HostTensor(value)))])
    }
    let rank = NodeDef(
      name: node.name + "/Rank", operation: "Rank", inputs: node.inputs.map(reference),
      attributes: ["T": NodeAttribute(.type(node.inputs[0].dataType))])
    let start = constant("start", 0)
    let delta = constant("delta", 1)
    let range = NodeDef(
      name: node.name, operation: "Range", inputs: [start.name, rank.name, delta.name],
      attributes: ["Tidx": int32])
    return [rank, start, delta, range]
  }
}

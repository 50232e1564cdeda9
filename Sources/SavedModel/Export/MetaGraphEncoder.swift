import EspalierFormats
import EspalierGraph

/// Writes a graph with its collections as TensorFlow's `MetaGraphDef`: what `tf.train.import_meta_graph` reads from the
/// `.meta` file of a checkpoint, so that TensorFlow can restore and run a model of which it has no program.
///
/// Source: `tensorflow/core/protobuf/meta_graph.proto`, `tensorflow/core/framework/variable.proto`.
package struct MetaGraphEncoder {
  /// The version that the operations are written for.
  static let version = "1.15.0"

  private let graph: Graph

  package init(_ graph: Graph) {
    self.graph = graph
  }

  /// Returns the bytes of the message.
  package func encoded() -> [UInt8] {
    var meta = MetaGraphDef()
    meta.tensorFlowVersion = Self.version
    meta.graph = GraphDefEncoder(graph).graphDef
    meta.collections = Self.collections(of: graph) { _ in true }
    return meta.serialized
  }

  /// Returns the collections, with those members whose nodes are chosen: variables as messages, nodes and tensors by
  /// name. Collections that stay empty are left out.
  static func collections(
    of graph: Graph, where isChosen: (Node) -> Bool
  ) -> [String: MetaGraphDef.Collection] {
    var result: [String: MetaGraphDef.Collection] = [:]
    for key in graph.collectionKeys {
      let variables = graph.collection(key, of: Variable.self).filter { isChosen($0.handle.node) }
      let tensors = graph.collection(key, of: Tensor.self).filter { isChosen($0.node) }.map(\.name)
      let nodes = graph.collection(key, of: Node.self).filter(isChosen).map(\.name)
      if !variables.isEmpty {
        result[key.rawValue] = MetaGraphDef.Collection(messages: variables.map { definition(of: $0).serialized })
      } else if !tensors.isEmpty || !nodes.isEmpty {
        result[key.rawValue] = MetaGraphDef.Collection(nodes: tensors + nodes)
      }
    }
    return result
  }

  private static func definition(of variable: Variable) -> VariableDef {
    VariableDef(
      variable: variable.handle.name, initializer: variable.initializer.name, snapshot: variable.value.name,
      initialValue: variable.initialValue.name, isTrainable: variable.isTrainable)
  }
}

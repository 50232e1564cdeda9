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
  private let saver: SaverNodes?
  /// Whether attributes that have TensorFlow's default value are left out.
  package var stripsDefaults = false
  /// Whether no node asks for a device.
  package var clearsDevices = false
  /// The collections that are written; nil for all.
  package var collections: Set<String>?

  /// - Parameter saver: The nodes that save and restore the variables, which are added.
  package init(_ graph: Graph, saver: SaverNodes? = nil) {
    self.graph = graph
    self.saver = saver
  }

  /// Returns the bytes of the message.
  package func encoded() -> [UInt8] { metaGraph.serialized }

  private var metaGraph: MetaGraphDef {
    var meta = MetaGraphDef()
    meta.tensorFlowVersion = Self.version
    meta.hasNoDefaultAttributes = stripsDefaults
    meta.graph = GraphDefEncoder(graph.nodes, stripsDefaults: stripsDefaults).graphDef
    meta.collections = Self.collections(of: graph) { _ in true }.filter { collections?.contains($0.key) ?? true }
    if let saver {
      meta.graph.nodes += saver.nodes
      meta.saver = saver.definition
    }
    if clearsDevices { for index in meta.graph.nodes.indices { meta.graph.nodes[index].device = "" } }
    return meta
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
    var result = VariableDef(
      variable: variable.handle.name, initializer: variable.initializer.name, snapshot: variable.value.name,
      initialValue: variable.initialValue.name, isTrainable: variable.isTrainable)
    result.slice = variable.slice.map {
      SaveSliceInfoDef(name: $0.name, shape: $0.shape, offset: $0.offsets, extents: variable.shape)
    }
    return result
  }
}

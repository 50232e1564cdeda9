import EspalierFormats
import EspalierGraph

/// Writes a graph with its collections as TensorFlow's `MetaGraphDef`: what `tf.train.import_meta_graph` reads from the
/// `.meta` file of a checkpoint, so that TensorFlow can restore and run a model of which it has no program.
///
/// Source: `tensorflow/core/protobuf/meta_graph.proto`, `tensorflow/core/framework/variable.proto`.
package struct MetaGraphEncoder {
  private let graph: Graph

  package init(_ graph: Graph) {
    self.graph = graph
  }

  /// Returns the bytes of the message.
  package func encoded() -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { information in
      // The version that the operations are written for.
      information.string(5, "1.15.0")
    }
    writer.bytes(2, GraphDefEncoder(graph).encoded())
    for key in graph.collectionKeys {
      writer.message(4) { entry in
        entry.string(1, key.rawValue)
        entry.message(2) { write(key, to: &$0) }
      }
    }
    return writer.bytes
  }

  /// Writes the members of a collection: variables as messages, nodes and tensors by name.
  private func write(_ key: CollectionKey, to writer: inout WireWriter) {
    let variables = graph.collection(key, of: Variable.self)
    if !variables.isEmpty {
      return writer.message(2) { list in
        for variable in variables { list.message(1) { Self.write(variable, to: &$0) } }
      }
    }
    let names = graph.collection(key, of: Tensor.self).map(\.name) + graph.collection(key, of: Node.self).map(\.name)
    writer.message(1) { list in for name in names { list.string(1, name) } }
  }

  private static func write(_ variable: Variable, to writer: inout WireWriter) {
    writer.string(1, variable.handle.name)
    writer.string(2, variable.initializer.name)
    writer.string(3, variable.value.name)
    writer.string(6, variable.initialValue.name)
    writer.int64(7, variable.isTrainable ? 1 : 0)
  }
}

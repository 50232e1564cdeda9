import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// The graph with the nodes that save and restore its variables, for TensorFlow.
extension Saver {
  /// Returns the bytes of a `SaverDef`: how the nodes are called that save and restore the variables of a graph, in the
  /// graph that `exportMetaGraph` writes.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if there are no variables, or two have one name.
  ///
  /// Source: `tf.train.Saver.as_saver_def`.
  public func saverDef(for graph: Graph) throws -> [UInt8] {
    guard let nodes = try nodes(for: graph) else { throw EstimatorError.invalidArgument("No variables to save") }
    return nodes.definition.serialized
  }

  /// Returns the bytes of a `MetaGraphDef`: a graph, its collections, and the nodes that save and restore its variables.
  ///
  /// - Parameters:
  ///   - collections: The names of the collections that are written, by default all.
  ///   - clearDevices: Whether no node asks for a device.
  ///   - stripDefaultAttrs: Whether attributes with TensorFlow's default values are left out.
  /// - Throws: `EstimatorError.invalidArgument` if two variables have one name.
  public func metaGraphDef(
    of graph: Graph, collections: [CollectionKey]? = nil, clearDevices: Bool = false, stripDefaultAttrs: Bool = false
  ) throws -> [UInt8] {
    var encoder = MetaGraphEncoder(graph, saver: try nodes(for: graph))
    encoder.collections = collections.map { Set($0.map(\.rawValue)) }
    encoder.clearsDevices = clearDevices
    encoder.stripsDefaults = stripDefaultAttrs
    return encoder.encoded()
  }

  /// Writes the `MetaGraphDef` of a graph into a file, from which TensorFlow's `import_meta_graph` rebuilds it.
  ///
  /// - Parameters:
  ///   - asText: Whether for people to read; by default, if the name ends in `.pbtxt`.
  /// - Throws: As `metaGraphDef` does; `FormatError` if it cannot be written.
  ///
  /// Source: `tf.train.Saver.export_meta_graph`.
  public func exportMetaGraph(
    of graph: Graph, to path: String, collections: [CollectionKey]? = nil, asText: Bool? = nil,
    clearDevices: Bool = false, stripDefaultAttrs: Bool = false
  ) throws {
    let bytes = try metaGraphDef(
      of: graph, collections: collections, clearDevices: clearDevices, stripDefaultAttrs: stripDefaultAttrs)
    let contents = try ProtoSchema.graph.contents(
      bytes, message: "MetaGraphDef", asText: asText ?? path.hasSuffix(".pbtxt"), file: path)
    try Files.write(contents, to: path)
  }
}

import EspalierFormats
import EspalierGraph

/// Graphs in files: TensorFlow's `GraphDef`, in binary form (`.pb`) and as text (`.pbtxt`).
///
/// Source: `tf.io.write_graph`, `tf.import_graph_def`.
extension Graph {
  /// How much larger than its file a graph may grow by constants of which the file gives only the first values.
  private static let growth = (factor: 16, constant: 1 << 24)

  /// Returns the graph as the bytes of a `GraphDef`.
  ///
  /// - Throws: `GraphError` if the graph has mistakes.
  public func graphDef() throws(GraphError) -> [UInt8] {
    try check()
    return GraphDefEncoder(self).encoded()
  }

  /// Writes the graph into a file.
  ///
  /// - Parameter asText: Whether for people to read; by default, if the name ends in `.pbtxt`.
  /// - Throws: `GraphError` if the graph has mistakes; `FormatError` if it cannot be written.
  public func write(to path: String, asText: Bool? = nil) throws {
    try Self.write(try graphDef(), to: path, asText: asText ?? path.hasSuffix(".pbtxt"))
  }

  /// Writes the bytes of a `GraphDef` into a file.
  package static func write(_ graphDef: [UInt8], to path: String, asText: Bool) throws(FormatError) {
    let contents = try ProtoSchema.graph.contents(graphDef, message: "GraphDef", asText: asText, file: path)
    let files = LocalFileSystem()
    try files.createDirectory(FilePath.directory(of: path))
    try files.replaceFile(path, with: contents)
  }

  /// Adds the nodes of a graph from a file to this one.
  ///
  ///     let imported = try graph.importGraphDef(from: "frozen.pb", outputs: ["probabilities"])
  ///     let probabilities = try imported.tensor(named: "probabilities:0")
  ///
  /// - Parameters:
  ///   - path: A `GraphDef`; text if the name ends in `.pbtxt`.
  ///   - outputs: The nodes or tensors that are wanted; what they do not need is left out. By default all nodes.
  ///   - prefix: What goes before the names of all nodes, with a slash.
  ///   - replacing: Tensors of this graph that take the place of tensors of the file.
  ///   - isTrainable: Whether the constant of this name becomes a variable that starts with its value: so a frozen graph
  ///     is trained further. Default: none does.
  /// - Throws: `FormatError` if the file is damaged; `GraphError`, naming node and operation, if something that is wanted
  ///   cannot be imported.
  @discardableResult
  public func importGraphDef(
    from path: String, outputs: [String]? = nil, prefix: String = "import", replacing: [String: Tensor] = [:],
    isTrainable: @escaping (String) -> Bool = { _ in false }, file: StaticString = #fileID, line: Int = #line
  ) throws -> ImportedGraph {
    let definition = try GraphDef(path: path)
    let size = try LocalFileSystem().openFile(path).size
    let importer = GraphImporter(
      definition, into: self, prefix: prefix, site: SourceSite(file: file, line: line),
      budget: Self.growth.factor * size + Self.growth.constant, isTrainable: isTrainable)
    return try imported(importer, outputs, replacing)
  }

  /// Adds the nodes of a graph, the bytes of a `GraphDef`, to this one.
  ///
  /// - Parameter named: What the bytes are called in errors.
  @discardableResult
  public func importGraphDef(
    _ bytes: [UInt8], outputs: [String]? = nil, prefix: String = "import", replacing: [String: Tensor] = [:],
    isTrainable: @escaping (String) -> Bool = { _ in false }, named: String = "graph",
    file: StaticString = #fileID, line: Int = #line
  ) throws -> ImportedGraph {
    let definition = try GraphDef(serialized: bytes, file: named)
    let importer = GraphImporter(
      definition, into: self, prefix: prefix, site: SourceSite(file: file, line: line),
      budget: Self.growth.factor * bytes.count + Self.growth.constant, isTrainable: isTrainable)
    return try imported(importer, outputs, replacing)
  }

  private func imported(
    _ importer: GraphImporter, _ outputs: [String]?, _ replacing: [String: Tensor]
  ) throws(GraphError) -> ImportedGraph {
    var importer = importer
    for (name, tensor) in replacing { try importer.replace(name, with: tensor) }
    try importer.run(needed: outputs)
    for name in outputs ?? importer.nodeNames { _ = try importer.node(NodeReference(name)?.node ?? name) }
    return ImportedGraph(importer: importer)
  }
}

/// The nodes that came from a file.
public struct ImportedGraph {
  let importer: GraphImporter

  /// Returns a tensor by the name that it has in the file, `node:1`.
  ///
  /// - Throws: `GraphError` if the file has none of this name, or it was left out.
  public func tensor(named name: String) throws(GraphError) -> Tensor { try importer.tensor(named: name) }

  /// Returns a node by the name that it has in the file.
  ///
  /// - Throws: `GraphError` if the file has none of this name, or it was left out.
  public func node(named name: String) throws(GraphError) -> Node {
    guard let node = try importer.node(name) else { throw GraphError("the node '\(name)' became nothing") }
    return node
  }
}

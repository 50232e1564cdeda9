import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Reads a model from its directory.
struct SavedModelLoader {
  /// How much larger than its file a graph may grow by constants of which it gives only the first values.
  private static let growth = (factor: 16, constant: 1 << 24)

  private let directory: String
  private let file: String
  private let site: SourceSite?
  private let size: Int
  let definition: SavedModelDef

  /// - Throws: `FormatError` if there is no model or it is damaged.
  init(directory: String, site: SourceSite? = nil) throws(FormatError) {
    self.directory = FilePath.withoutTrailingSlash(directory)
    self.site = site
    let files = LocalFileSystem()
    let binary = FilePath.join(self.directory, ModelFiles.model)
    let text = FilePath.join(self.directory, ModelFiles.textModel)
    let isText = !files.exists(binary) && files.exists(text)
    file = isText ? text : binary
    let contents = try files.contents(of: file)
    size = contents.count
    let bytes = isText ? try ProtoSchema.graph.binary(contents, message: "SavedModel", file: file) : contents
    definition = try SavedModelDef(serialized: bytes, file: file)
  }

  /// Returns the graph with exactly these tags.
  func metaGraph(tags: Set<String>) throws(FormatError) -> MetaGraphDef {
    if let found = definition.metaGraphs.first(where: { Set($0.tags) == tags }) { return found }
    let available = definition.metaGraphs.map { "\($0.tags)" }.joined(separator: ", ")
    throw FormatError(
      .notFound, file: file,
      "MetaGraphDef associated with tags \(tags.sorted()) could not be found in SavedModel, with available tags "
        + available)
  }

  /// Returns the model, with its variables restored and what initializes it run.
  func model(tags: Set<String>, _ configuration: SessionConfiguration) throws -> SavedModel {
    let metaGraph = try metaGraph(tags: tags)
    let graph = Graph()
    var importer = GraphImporter(
      metaGraph.graph, into: graph, prefix: "", site: site,
      budget: Self.growth.factor * size + Self.growth.constant)
    let assets = try replaceAssets(metaGraph, in: graph, &importer)
    try importer.run()
    var variables = VariableImport(graph: graph, importer: importer)
    try variables.run(metaGraph.collections, file: file)
    let session = Session(graph: graph, configuration: configuration)
    try restore(metaGraph, importer, session)
    try runInitializer(metaGraph, importer, session, assets)
    return try model(metaGraph, importer, session)
  }

  private func model(
    _ metaGraph: MetaGraphDef, _ importer: GraphImporter, _ session: Session
  ) throws(GraphError) -> SavedModel {
    var signatures: [String: SignatureDefinition] = [:]
    var unavailable: [String: GraphError] = [:]
    for (name, signature) in metaGraph.signatures.sorted(by: { $0.key < $1.key }) {
      // TensorFlow 2 names what initializes a model as a signature.
      if name == "__saved_model_init_op" || name == "__saved_model_train_op" { continue }
      do throws(GraphError) {
        signatures[name] = SignatureDefinition(
          method: .init(name: signature.methodName), inputs: try tensors(signature.inputs, importer),
          outputs: try tensors(signature.outputs, importer))
      } catch {
        unavailable[name] = error
      }
    }
    if signatures.isEmpty, let first = unavailable.min(by: { $0.key < $1.key }) { throw first.value }
    let trainOp = metaGraph.collections[CollectionKey.savedModelTrainOp.rawValue]?.nodes.first
    return SavedModel(
      session: session, tags: metaGraph.tags, signatures: signatures,
      trainOp: try trainOp.flatMap { name throws(GraphError) in try importer.node(name) }, unavailable: unavailable)
  }

  private func tensors(
    _ information: [String: TensorInfo], _ importer: GraphImporter
  ) throws(GraphError) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for (key, info) in information {
      guard !info.isSparse else { throw GraphError("'\(key)' is a sparse tensor, which is not known here") }
      result[key] = try importer.tensor(named: info.name)
    }
    return result
  }

  /// Makes placeholders of the constants that get paths of files; returns what to feed them.
  private func replaceAssets(
    _ metaGraph: MetaGraphDef, in graph: Graph, _ importer: inout GraphImporter
  ) throws -> [Tensor: HostTensor] {
    var paths: [Tensor: HostTensor] = [:]
    for asset in metaGraph.assets {
      let name = FilePath.join(ModelFiles.assets, asset.fileName)
      guard FilePath.staysInside(name), let reference = NodeReference(asset.tensor) else {
        throw FormatError(.dataLoss, file: file, "the asset '\(asset.fileName)' lies outside the model")
      }
      let tensor = withGraph(graph) { constant(HostTensor(FilePath.join(directory, name)), name: reference.node) }
      try importer.replace(asset.tensor, with: tensor)
      paths[tensor] = HostTensor(FilePath.join(directory, name))
    }
    return paths
  }

  private func restore(
    _ metaGraph: MetaGraphDef, _ importer: GraphImporter, _ session: Session
  ) throws {
    let plan = try RestorePlan(metaGraph)
    if plan.entries.isEmpty { return }
    let checkpoint = try CheckpointReader(prefix: FilePath.join(directory, ModelFiles.variables))
    for entry in plan.entries {
      guard let handle = try? importer.tensor(named: entry.variable) else { continue }
      var value = try checkpoint.tensor(named: entry.key)
      if !entry.slice.isEmpty { value = try SliceSpecification(entry.slice, file: file).slice(of: value) }
      guard value.dataType == handle.dataType, value.shape == handle.shape.known else {
        throw FormatError(
          .dataLoss, file: checkpoint.prefix,
          "tensor \(entry.key) is \(value.type), but the variable \(entry.variable) is \(handle.type)")
      }
      try session.variables.set(value, for: handle.node.name)
    }
  }

  /// Runs what the model wants to be run once.
  private func runInitializer(
    _ metaGraph: MetaGraphDef, _ importer: GraphImporter, _ session: Session, _ assets: [Tensor: HostTensor]
  ) throws {
    let keys = [CollectionKey.savedModelMainOp.rawValue, "legacy_init_op"]
    let name = keys.lazy.compactMap { metaGraph.collections[$0]?.nodes.first }.first
    guard let name, let node = try importer.node(name) else { return }
    try session.run(node, feeding: assets)
  }
}

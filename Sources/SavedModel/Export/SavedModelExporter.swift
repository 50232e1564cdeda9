import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Writes a model with the weights of a session, for TensorFlow Serving, TensorFlow and `SavedModel.load`.
///
///     let exporter = SavedModelExporter(
///       session: session, signatures: ["serving_default": .predict(inputs: ["x": x], outputs: ["y": y])])
///     let path = try exporter.writeTimestamped(in: "run/export")
///
/// The directory gets its name when all of it is on the disk: who looks for models sees a whole one or none.
///
/// Source: `tf.compat.v1.saved_model.Builder`.
public struct SavedModelExporter {
  /// A file that belongs to the model, and the constant string by which the graph finds it.
  public struct Asset {
    /// The constant that gets the path of the file.
    public var tensor: Tensor
    /// The file, which is copied.
    public var path: String

    /// Returns an asset.
    public init(tensor: Tensor, path: String) {
      self.tensor = tensor
      self.path = path
    }
  }

  /// A graph of the model, told apart from others by its tags. All share their variables by name.
  public struct MetaGraph {
    /// The graph.
    public var graph: Graph
    /// What it is for: `serve`, `train`, `eval`.
    public var tags: [String]
    /// The ways to call it.
    public var signatures: [String: SignatureDefinition]
    /// What runs once after the variables are restored, if anything.
    public var initializer: Node?
    /// One step of training, in a graph that can be trained on.
    public var trainOp: Node?
    /// Files that it reads.
    public var assets: [Asset] = []
    /// Whether all nodes are written, not only those that signatures and variables need.
    public var isWhole = false

    /// Returns a description of what is to be written of `graph`.
    public init(
      graph: Graph, tags: [String], signatures: [String: SignatureDefinition], initializer: Node? = nil,
      trainOp: Node? = nil, assets: [Asset] = [], isWhole: Bool = false
    ) {
      self.graph = graph
      self.tags = tags
      self.signatures = signatures
      self.initializer = initializer
      self.trainOp = trainOp
      self.assets = assets
      self.isWhole = isWhole
    }
  }

  /// The graphs that are written.
  public var metaGraphs: [MetaGraph]
  /// Whether attributes with default values are left out, so that older versions of TensorFlow read the model.
  public var stripsDefaultAttributes = true
  /// Whether the graphs are written for people to read: `saved_model.pbtxt` instead of `saved_model.pb`.
  public var writesText = false
  /// Files for others that are put into `assets.extra`: paths below that directory, and the files that are copied.
  public var extraAssets: [String: String] = [:]
  private let variables: VariableStore

  /// Returns an exporter of the session's graph.
  ///
  /// - Parameters:
  ///   - signatures: The ways to call it.
  ///   - tags: What it is for.
  ///   - initializer: What runs once after the variables are restored, if anything.
  public init(
    session: Session, signatures: [String: SignatureDefinition], tags: [String] = ["serve"],
    initializer: Node? = nil, assets: [Asset] = []
  ) {
    let metaGraph = MetaGraph(
      graph: session.graph, tags: tags, signatures: signatures, initializer: initializer, assets: assets)
    self.init(variables: session.variables, metaGraphs: [metaGraph])
  }

  /// Returns an exporter of several graphs that share their variables.
  public init(variables: VariableStore, metaGraphs: [MetaGraph]) {
    self.variables = variables
    self.metaGraphs = metaGraphs
  }

  /// Writes the model; `directory` must not exist or be empty.
  ///
  /// - Throws: `GraphError` if a graph has mistakes or operations that TensorFlow does not have; `ExecutionError` if a
  ///   variable has no value; `FormatError` if the files cannot be written.
  public func write(to directory: String) throws {
    let path = FilePath.withoutTrailingSlash(directory)
    try write(to: path, temporary: FilePath.join(FilePath.directory(of: path), "temp-" + FilePath.name(of: path)))
  }

  /// Writes the model into a directory below `base` that is named by the time in seconds since 1970; returns its path.
  ///
  /// - Throws: As `write(to:)`.
  public func writeTimestamped(in base: String) throws -> String {
    let path = try ExportDirectory.unused(in: base)
    try write(to: path)
    return path
  }

  private func write(to path: String, temporary: String) throws {
    let files = LocalFileSystem()
    if files.exists(path), try !files.names(inDirectory: path).isEmpty {
      throw FormatError(.invalidArgument, file: path, "Directory already exists and is not empty.")
    }
    // Everything that can be wrong with the model is found before anything is written.
    let model = SavedModelDef(metaGraphs: try metaGraphs.map(definition))
    let values = try savedValues()
    do {
      try files.createDirectory(temporary)
      try CheckpointWriter().write(
        values.tensors, partitioned: values.partitioned, prefix: FilePath.join(temporary, ModelFiles.variables))
      try copyAssets(to: temporary)
      try files.replaceFile(FilePath.join(temporary, fileName), with: try contents(of: model))
      try files.rename(temporary, to: path)
      try files.synchronizeDirectory(FilePath.directory(of: path))
    } catch {
      try? files.removeDirectory(temporary)
      throw error
    }
  }

  /// The name of the file of the graphs.
  public var fileName: String { writesText ? ModelFiles.textModel : ModelFiles.model }

  private func contents(of model: SavedModelDef) throws(FormatError) -> [UInt8] {
    try ProtoSchema.graph.contents(model.serialized, message: "SavedModel", asText: writesText, file: fileName)
  }

  private func definition(of metaGraph: MetaGraph) throws -> MetaGraphDef {
    try MetaGraphExport(metaGraph, stripsDefaults: stripsDefaultAttributes).definition()
  }

  /// The values of all variables of all graphs.
  private func savedValues() throws(ExecutionError) -> CheckpointContents {
    var values = CheckpointContents()
    var seen: Set<String> = []
    for variable in metaGraphs.flatMap({ $0.graph.collection(.globalVariables, of: Variable.self) }) {
      guard seen.insert(variable.name).inserted else { continue }
      guard let value = variables.value(of: variable.name) else {
        throw ExecutionError("Attempting to use uninitialized value \(variable.name)", kind: .failedPrecondition)
      }
      values.add(value, of: variable)
    }
    return values
  }

  private func copyAssets(to directory: String) throws(FormatError) {
    let files = LocalFileSystem()
    var copies = extraAssets.map { (FilePath.join(ModelFiles.extraAssets, $0.key), $0.value) }
    for asset in metaGraphs.flatMap(\.assets) {
      copies.append((FilePath.join(ModelFiles.assets, FilePath.name(of: asset.path)), asset.path))
    }
    for (name, source) in copies {
      guard FilePath.staysInside(name) else {
        throw FormatError(.invalidArgument, file: name, "an asset's name leads out of the model's directory")
      }
      let target = FilePath.join(directory, name)
      try files.createDirectory(FilePath.directory(of: target))
      try files.replaceFile(target, with: try files.contents(of: source))
    }
  }
}

/// The names of the files of a model.
///
/// Source: `tf.saved_model` constants.
enum ModelFiles {
  static let model = "saved_model.pb"
  static let textModel = "saved_model.pbtxt"
  static let variables = "variables/variables"
  static let assets = "assets"
  static let extraAssets = "assets.extra"
}

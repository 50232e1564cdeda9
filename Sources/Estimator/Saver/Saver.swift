import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// Saves the variables of a session to checkpoints and restores them.
///
/// A crash at any moment leaves the last complete checkpoint readable: the files of a new one are written and named
/// first, then the state file `checkpoint`, and only then old ones are deleted. Restoring compares names, element types
/// and shapes of all variables before it changes any.
///
/// Source: `tf.train.Saver`.
public final class Saver {
  /// How many recent checkpoints stay; 0 keeps all.
  public let maxToKeep: Int
  /// The hours of training after each of which one checkpoint stays for good.
  public let keepCheckpointEveryNHours: Double
  private let variables: (any SaverVariables)?
  private let shardCount: Int
  private let scope: String
  private let padsStepNumber: Bool
  private let allowsEmpty: Bool
  private let savesRelativePaths: Bool
  let reshapes: Bool
  let restoresSequentially: Bool
  let filename: String?
  private var files: CheckpointSaver?
  /// The graph of the last save as it is written beside checkpoints.
  private var metaGraph: (key: MetaGraphKey, bytes: [UInt8])?

  /// Returns a saver.
  ///
  /// - Parameters:
  ///   - variables: What to save: variables, or variables by the names that the tensors get in checkpoints; by default
  ///     all `global_variables` of the session's graph.
  ///   - shardCount: The number of data files of a checkpoint. TensorFlow's `sharded` writes one for each device.
  ///   - name: The scope of the nodes that save and restore, in the graph that is written beside checkpoints.
  ///   - padStepNumber: Whether steps have eight digits in names, `model.ckpt-00000100`, so that names are in order.
  ///   - saveRelativePaths: Whether the state file names checkpoints as they are seen from their directory, which can be
  ///     moved then. TensorFlow's default is what `save` was given.
  ///   - allowEmpty: Whether a graph without variables can be saved.
  ///   - reshape: Whether a variable is restored from a tensor of another shape with as many elements.
  ///   - restoreSequentially: Whether variables are read and set one after another, for which less memory is needed; a
  ///     checkpoint whose data are damaged then leaves some of them restored.
  ///   - filename: The checkpoint that is restored where none is named.
  public init(
    maxToKeep: Int = 5, keepCheckpointEveryNHours: Double = 10_000, variables: (any SaverVariables)? = nil,
    shardCount: Int = 1, name: String = "save", padStepNumber: Bool = false, saveRelativePaths: Bool = true,
    allowEmpty: Bool = false, reshape: Bool = false, restoreSequentially: Bool = false, filename: String? = nil
  ) {
    reshapes = reshape
    restoresSequentially = restoreSequentially
    self.filename = filename
    self.shardCount = shardCount
    scope = name
    padsStepNumber = padStepNumber
    savesRelativePaths = saveRelativePaths
    allowsEmpty = allowEmpty
    self.maxToKeep = maxToKeep
    self.keepCheckpointEveryNHours = keepCheckpointEveryNHours
    self.variables = variables
  }

  /// Saves a checkpoint `path-globalStep`; returns its path prefix.
  ///
  ///     try saver.save(session, to: "run/model.ckpt", globalStep: 100)
  ///
  /// - Parameters:
  ///   - path: What the paths of its files begin with.
  ///   - globalStep: What the name ends in; nil for nothing more.
  ///   - latestFilename: The name of the file in the directory that lists the checkpoints.
  ///   - metaGraphSuffix: What the name of the file of the graph ends in.
  ///   - writeMetaGraph: Whether the graph is written too, from which TensorFlow's `import_meta_graph` rebuilds it.
  ///   - writeState: Whether the checkpoint is listed as the latest, and old ones are deleted.
  ///   - stripDefaultAttrs: Whether attributes with TensorFlow's default values are left out of the graph.
  /// - Throws: As the form with a directory does.
  ///
  /// Source: `tf.train.Saver.save`.
  @discardableResult
  public func save(
    _ session: Session, to path: String, globalStep: Int? = nil, latestFilename: String = "checkpoint",
    metaGraphSuffix: String = "meta", writeMetaGraph: Bool = true, writeState: Bool = true,
    stripDefaultAttrs: Bool = false
  ) throws -> String {
    try save(
      session, directory: FilePath.directory(of: path), step: globalStep, baseName: FilePath.name(of: path),
      latestFilename: latestFilename, metaGraphSuffix: metaGraphSuffix, writeMetaGraph: writeMetaGraph,
      writeState: writeState, stripDefaultAttrs: stripDefaultAttrs, extras: [:])
  }

  /// Saves a checkpoint `directory/model.ckpt-step`; returns its path prefix.
  ///
  /// - Parameters:
  ///   - step: What the name ends in; nil for `directory/model.ckpt`.
  ///   - latestFilename: The name of the file in the directory that lists the checkpoints.
  ///   - writeMetaGraph: Whether the graph is written too, as the `.meta` file from which TensorFlow's
  ///     `import_meta_graph` rebuilds it.
  ///   - writeState: Whether the checkpoint is listed as the latest, and old ones are deleted.
  /// - Throws: `FormatError` if it cannot be written; `ExecutionError` if a variable has no value;
  ///   `EstimatorError.invalidArgument` if there are none. Earlier checkpoints are left as they were then.
  @discardableResult
  public func save(
    _ session: Session, directory: String, step: Int? = nil, baseName: String = "model.ckpt",
    latestFilename: String = "checkpoint", writeMetaGraph: Bool = true, writeState: Bool = true
  ) throws -> String {
    try save(
      session, directory: directory, step: step, baseName: baseName, latestFilename: latestFilename,
      writeMetaGraph: writeMetaGraph, writeState: writeState, extras: [:])
  }

  /// Saves a checkpoint that also has tensors which are no variables.
  func save(
    _ session: Session, directory: String, step: Int?, baseName: String, latestFilename: String = "checkpoint",
    metaGraphSuffix: String = "meta", writeMetaGraph: Bool, writeState: Bool = true, stripDefaultAttrs: Bool = false,
    extras: [String: HostTensor]
  ) throws -> String {
    guard FilePath.name(of: latestFilename) == latestFilename else {
      throw EstimatorError.invalidArgument("'latest_filename' must not contain path components")
    }
    guard step != nil || latestFilename != baseName else {
      throw EstimatorError.invalidArgument(
        "'latest_filename' collides with 'save_path': '\(latestFilename)' and '\(FilePath.join(directory, baseName))'")
    }
    var contents = CheckpointContents(extras)
    let saved = try saved(by: session.graph)
    guard allowsEmpty || !saved.isEmpty else { throw EstimatorError.invalidArgument("No variables to save") }
    for variable in saved { try variable.add(to: &contents, from: session) }
    var files = try files(in: directory, baseName, latestFilename)
    let prefix = try files.save(
      contents.tensors, partitioned: contents.partitioned, step: step,
      metaGraph: writeMetaGraph ? try encoded(session.graph, stripDefaultAttrs) : nil, metaGraphSuffix: metaGraphSuffix,
      writesState: writeState)
    self.files = files
    return prefix
  }

  /// The checkpoints that were saved and not deleted yet, the oldest first.
  ///
  /// Source: `tf.train.Saver.last_checkpoints`.
  public var lastCheckpoints: [String] { files?.retention.recent.map(\.prefix) ?? [] }

  /// Takes checkpoints that an earlier process saved as its own, the oldest first: they are deleted when their turn
  /// comes. Those that are not there are left out.
  ///
  /// Those that the state file of a directory lists are taken without that.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if they lie in several directories.
  ///
  /// Source: `tf.train.Saver.recover_last_checkpoints`.
  public func recoverLastCheckpoints(_ prefixes: [String], baseName: String = "model.ckpt") throws {
    guard let directory = try Self.directory(of: prefixes) else { return }
    var made = checkpoints(in: directory, baseName, "checkpoint")
    made.recover(prefixes)
    files = made
  }

  /// Takes checkpoints as its own, the oldest first, with the times in seconds since 1970 at which they were saved.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if they lie in several directories.
  ///
  /// Source: `tf.train.Saver.set_last_checkpoints_with_time`.
  public func setLastCheckpointsWithTime(
    _ checkpoints: [(prefix: String, time: Double)], baseName: String = "model.ckpt"
  ) throws {
    guard let directory = try Self.directory(of: checkpoints.map(\.prefix)) else {
      files = nil
      return
    }
    var made = self.checkpoints(in: directory, baseName, "checkpoint")
    made.recover(checkpoints.map { CheckpointRetention.Entry(prefix: $0.prefix, time: $0.time) })
    files = made
  }

  /// Returns the directory in which all of the checkpoints lie, or nil if there are none.
  private static func directory(of prefixes: [String]) throws(EstimatorError) -> String? {
    guard let directory = prefixes.first.map(FilePath.directory) else { return nil }
    guard prefixes.allSatisfy({ FilePath.directory(of: $0) == directory }) else {
      throw .invalidArgument("checkpoints of one saver lie in one directory, not \(prefixes)")
    }
    return directory
  }

  private func encoded(_ graph: Graph, _ stripsDefaults: Bool) throws -> [UInt8] {
    let key = MetaGraphKey(graph: ObjectIdentifier(graph), nodeCount: graph.nodeCount, stripsDefaults: stripsDefaults)
    if let metaGraph, metaGraph.key == key { return metaGraph.bytes }
    let bytes = try metaGraphDef(of: graph, stripDefaultAttrs: stripsDefaults)
    metaGraph = (key, bytes)
    return bytes
  }

  func saved(by graph: Graph) throws(EstimatorError) -> [SavedVariable] {
    if let variables { return try SavedVariable.all(variables) }
    var seen: Set<Variable> = []
    return try SavedVariable.all(
      graph.collection(.globalVariables, of: Variable.self).filter { seen.insert($0).inserted })
  }

  /// Returns the nodes that TensorFlow needs to save and restore the variables of a graph as this saver does; nil if
  /// there are none.
  func nodes(for graph: Graph) throws(EstimatorError) -> SaverNodes? {
    let entries = try saved(by: graph).sorted { $0.name < $1.name }.flatMap(\.entries)
    guard !entries.isEmpty else { return nil }
    var nodes = SaverNodes(entries, scope: SaverNodes.unusedScope(scope, in: graph))
    nodes.definition.maxToKeep = maxToKeep
    nodes.definition.keepEveryNHours = Float(keepCheckpointEveryNHours)
    return nodes
  }

  /// Returns the files of a directory, with the checkpoints that an earlier run left.
  private func files(in directory: String, _ baseName: String, _ latestFilename: String) throws -> CheckpointSaver {
    let made = checkpoints(in: directory, baseName, latestFilename)
    if let files, files.hasSameNames(as: made) { return files }
    var recovered = made
    try recovered.recover()
    files = recovered
    return recovered
  }

  private func checkpoints(in directory: String, _ baseName: String, _ latestFilename: String) -> CheckpointSaver {
    CheckpointSaver(
      directory: directory, baseName: baseName,
      retention: CheckpointRetention(maxToKeep: maxToKeep, keepEveryNHours: keepCheckpointEveryNHours),
      shardCount: shardCount, padsStepNumber: padsStepNumber, savesRelativePaths: savesRelativePaths,
      stateName: latestFilename)
  }
}

/// What the encoding of a graph depends on.
private struct MetaGraphKey: Hashable {
  let graph: ObjectIdentifier
  let nodeCount: Int
  let stripsDefaults: Bool
}

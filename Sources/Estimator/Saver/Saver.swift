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
  private let variables: [String: Variable]?
  private let shardCount: Int
  private let padsStepNumber: Bool
  private let allowsEmpty: Bool
  private let reshapes: Bool
  private let restoresSequentially: Bool
  private let filename: String?
  private var files: CheckpointSaver?
  /// The graph of the last save as it is written beside checkpoints.
  private var metaGraph: (graph: ObjectIdentifier, nodeCount: Int, bytes: [UInt8])?

  /// Returns a saver.
  ///
  /// - Parameters:
  ///   - variables: What to save, by the names that the tensors get in checkpoints; by default all `global_variables` of
  ///     the session's graph under their own names.
  ///   - shardCount: The number of data files of a checkpoint.
  ///   - padStepNumber: Whether steps have eight digits in names, `model.ckpt-00000100`, so that names are in order.
  ///   - allowEmpty: Whether a graph without variables can be saved.
  ///   - reshape: Whether a variable is restored from a tensor of another shape with as many elements.
  ///   - restoreSequentially: Whether variables are read and set one after another, for which less memory is needed; a
  ///     checkpoint whose data are damaged then leaves some of them restored.
  ///   - filename: The checkpoint that is restored where none is named.
  public init(
    maxToKeep: Int = 5, keepCheckpointEveryNHours: Double = 10_000, variables: [String: Variable]? = nil,
    shardCount: Int = 1, padStepNumber: Bool = false, allowEmpty: Bool = false, reshape: Bool = false,
    restoreSequentially: Bool = false, filename: String? = nil
  ) {
    reshapes = reshape
    restoresSequentially = restoreSequentially
    self.filename = filename
    self.shardCount = shardCount
    padsStepNumber = padStepNumber
    allowsEmpty = allowEmpty
    self.maxToKeep = maxToKeep
    self.keepCheckpointEveryNHours = keepCheckpointEveryNHours
    self.variables = variables
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
    writeMetaGraph: Bool, writeState: Bool = true, extras: [String: HostTensor]
  ) throws -> String {
    guard latestFilename != baseName, FilePath.name(of: latestFilename) == latestFilename else {
      throw EstimatorError.invalidArgument(
        "'latest_filename' collides with 'save_path': '\(latestFilename)' and '\(FilePath.join(directory, baseName))'")
    }
    var tensors = extras
    let saved = saved(by: session.graph)
    guard allowsEmpty || !saved.isEmpty else { throw EstimatorError.invalidArgument("No variables to save") }
    for variable in saved { tensors[variable.name] = try variable.value(in: session) }
    var files = try files(in: directory, baseName, latestFilename)
    let prefix = try files.save(
      tensors, step: step, metaGraph: writeMetaGraph ? encoded(session.graph) : nil, writesState: writeState)
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
    guard let directory = prefixes.first.map(FilePath.directory) else { return }
    guard prefixes.allSatisfy({ FilePath.directory(of: $0) == directory }) else {
      throw EstimatorError.invalidArgument("checkpoints of one saver lie in one directory, not \(prefixes)")
    }
    var made = checkpoints(in: directory, baseName, "checkpoint")
    made.recover(prefixes)
    files = made
  }

  /// What is done about variables that a checkpoint does not have.
  public enum RestoreMode: Hashable, Sendable {
    /// Nothing is restored.
    case strict
    /// They keep their values, and a table of them is logged. Variables of another type or shape are an error still.
    case lenient
  }

  /// Gives the variables of a session the values that a checkpoint has.
  ///
  /// - Parameters:
  ///   - prefix: The path of the checkpoint's files up to `.index`; by default the saver's `filename`.
  ///   - mode: What is done about variables that the checkpoint does not have.
  ///   - renaming: The names that variables have in the checkpoint, by their own, where they differ.
  /// - Returns: What was restored, and what the checkpoint has besides.
  /// - Throws: `EstimatorError.restoreMismatch` with a full report if a variable is missing or of another type, before
  ///   any is changed; `FormatError` if the checkpoint is damaged.
  @discardableResult
  public func restore(
    _ session: Session, from prefix: String? = nil, mode: RestoreMode = .strict, renaming: [String: String] = [:]
  ) throws -> RestoreReport {
    guard let prefix = prefix ?? filename else {
      throw EstimatorError.invalidArgument("Can't load save_path when it is None.")
    }
    return try restore(session, from: try CheckpointReader(prefix: prefix), mode, renaming)
  }

  func restore(
    _ session: Session, from checkpoint: CheckpointReader, _ mode: RestoreMode = .strict,
    _ renaming: [String: String] = [:]
  ) throws -> RestoreReport {
    var wanted: [String: SavedVariable] = [:]
    for variable in saved(by: session.graph) { wanted[renaming[variable.name] ?? variable.name] = variable }
    let report = compare(wanted, checkpoint)
    guard report.mismatched.isEmpty, mode == .lenient || report.isComplete else {
      throw EstimatorError.restoreMismatch(report)
    }
    if !report.isComplete {
      Logging.warn("Restoring a part of the variables from \(checkpoint.prefix)\n\(report.table)")
    }
    func read(_ name: String, _ variable: SavedVariable) throws -> [(String, HostTensor)] {
      try variable.values(of: try checkpoint.tensor(named: name).reshaped(variable.shape))
    }
    let pairs = report.restored.compactMap { name in wanted[name].map { (name, $0) } }
    // All are read before any is set, so that damaged data change nothing.
    let values = restoresSequentially ? [] : try pairs.flatMap(read)
    for (name, value) in values { try session.variables.set(value, for: name) }
    for (name, variable) in restoresSequentially ? pairs : [] {
      for (own, value) in try read(name, variable) { try session.variables.set(value, for: own) }
    }
    return report
  }

  private func compare(_ wanted: [String: SavedVariable], _ checkpoint: CheckpointReader) -> RestoreReport {
    var report = RestoreReport(checkpoint: checkpoint.prefix)
    let names = checkpoint.variables.map(\.name).filter { !TrainingState.isKey($0) }
    report.unused = names.filter { wanted[$0] == nil }
    for (name, variable) in wanted.sorted(by: { $0.key < $1.key }) {
      let type = TensorType(variable.dataType, Shape(variable.shape))
      guard let found = checkpoint.variable(named: name) else {
        let nearest = NearestNames.nearest(to: name, among: report.unused)
        report.missing.append(.init(name: name, type: type, nearest: nearest))
        continue
      }
      let fits =
        found.shape == variable.shape
        || reshapes && Extents.count(found.shape) == Extents.count(variable.shape)
      if found.dataType == variable.dataType, fits {
        report.restored.append(name)
      } else {
        let foundType = TensorType(found.dataType, Shape(found.shape))
        report.mismatched.append(.init(name: name, expected: type, found: foundType))
      }
    }
    return report
  }

  private func encoded(_ graph: Graph) -> [UInt8] {
    if let metaGraph, metaGraph.graph == ObjectIdentifier(graph), metaGraph.nodeCount == graph.nodeCount {
      return metaGraph.bytes
    }
    let bytes = MetaGraphEncoder(graph).encoded()
    metaGraph = (ObjectIdentifier(graph), graph.nodeCount, bytes)
    return bytes
  }

  private func saved(by graph: Graph) -> [SavedVariable] {
    if let variables { return variables.map { SavedVariable(name: $0.key, parts: [$0.value], isWhole: true) } }
    let all = graph.collection(.globalVariables, of: Variable.self)
    let parts = Dictionary(grouping: Set(all)) { $0.slice?.name ?? $0.name }
    return parts.map { SavedVariable(name: $0.key, parts: $0.value) }
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
      shardCount: shardCount, padsStepNumber: padsStepNumber, stateName: latestFilename)
  }
}

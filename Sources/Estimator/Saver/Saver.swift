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
  public init(
    maxToKeep: Int = 5, keepCheckpointEveryNHours: Double = 10_000, variables: [String: Variable]? = nil,
    shardCount: Int = 1, padStepNumber: Bool = false, allowEmpty: Bool = false
  ) {
    self.shardCount = shardCount
    padsStepNumber = padStepNumber
    allowsEmpty = allowEmpty
    self.maxToKeep = maxToKeep
    self.keepCheckpointEveryNHours = keepCheckpointEveryNHours
    self.variables = variables
  }

  /// Saves a checkpoint `directory/model.ckpt-step`; returns its path prefix.
  ///
  /// - Parameter writeMetaGraph: Whether the graph is written too, as the `.meta` file from which TensorFlow's
  ///   `import_meta_graph` rebuilds it.
  /// - Throws: `FormatError` if it cannot be written; `ExecutionError` if a variable has no value;
  ///   `EstimatorError.invalidArgument` if there are none. Earlier checkpoints are left as they were then.
  @discardableResult
  public func save(
    _ session: Session, directory: String, step: Int, baseName: String = "model.ckpt", writeMetaGraph: Bool = true
  ) throws -> String {
    try save(
      session, directory: directory, step: step, baseName: baseName, writeMetaGraph: writeMetaGraph, extras: [:])
  }

  /// Saves a checkpoint that also has tensors which are no variables.
  func save(
    _ session: Session, directory: String, step: Int, baseName: String, writeMetaGraph: Bool,
    extras: [String: HostTensor]
  ) throws -> String {
    var tensors = extras
    let saved = saved(by: session.graph)
    guard allowsEmpty || !saved.isEmpty else { throw EstimatorError.invalidArgument("No variables to save") }
    for (name, variable) in saved {
      guard let value = session.variables.value(of: variable.name) else {
        throw ExecutionError("Attempting to use uninitialized value \(variable.name)", kind: .failedPrecondition)
      }
      tensors[name] = value
    }
    var files = try files(in: directory, baseName)
    let prefix = try files.save(tensors, step: step, metaGraph: writeMetaGraph ? encoded(session.graph) : nil)
    self.files = files
    return prefix
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
  ///   - prefix: The path of the checkpoint's files up to `.index`.
  ///   - mode: What is done about variables that the checkpoint does not have.
  ///   - renaming: The names that variables have in the checkpoint, by their own, where they differ.
  /// - Returns: What was restored, and what the checkpoint has besides.
  /// - Throws: `EstimatorError.restoreMismatch` with a full report if a variable is missing or of another type, before
  ///   any is changed; `FormatError` if the checkpoint is damaged.
  @discardableResult
  public func restore(
    _ session: Session, from prefix: String, mode: RestoreMode = .strict, renaming: [String: String] = [:]
  ) throws -> RestoreReport {
    try restore(session, from: try CheckpointReader(prefix: prefix), mode, renaming)
  }

  func restore(
    _ session: Session, from checkpoint: CheckpointReader, _ mode: RestoreMode = .strict,
    _ renaming: [String: String] = [:]
  ) throws -> RestoreReport {
    var wanted: [String: Variable] = [:]
    for (name, variable) in saved(by: session.graph) { wanted[renaming[name] ?? name] = variable }
    let report = compare(wanted, checkpoint)
    guard report.mismatched.isEmpty, mode == .lenient || report.isComplete else {
      throw EstimatorError.restoreMismatch(report)
    }
    if !report.isComplete {
      Logging.warn("Restoring a part of the variables from \(checkpoint.prefix)\n\(report.table)")
    }
    // All are read before any is set, so that damaged data change nothing.
    let values = try report.restored.compactMap { name in
      try wanted[name].map { ($0.name, try checkpoint.tensor(named: name)) }
    }
    for (name, value) in values { try session.variables.set(value, for: name) }
    return report
  }

  private func compare(_ wanted: [String: Variable], _ checkpoint: CheckpointReader) -> RestoreReport {
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
      if found.dataType == variable.dataType, found.shape == variable.shape {
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

  private func saved(by graph: Graph) -> [String: Variable] {
    if let variables { return variables }
    let all = graph.collection(.globalVariables, of: Variable.self)
    return Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Returns the files of a directory, with the checkpoints that an earlier run left.
  private func files(in directory: String, _ baseName: String) throws -> CheckpointSaver {
    if let files, files.directory.path == directory { return files }
    let retention = CheckpointRetention(maxToKeep: maxToKeep, keepEveryNHours: keepCheckpointEveryNHours)
    var made = CheckpointSaver(
      directory: directory, baseName: baseName, retention: retention, shardCount: shardCount,
      padsStepNumber: padsStepNumber)
    try made.recover()
    files = made
    return made
  }
}

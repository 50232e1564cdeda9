import EspalierExecutor
import EspalierFormats
import EspalierGraph

extension Saver {
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
    for variable in try saved(by: session.graph) { wanted[renaming[variable.name] ?? variable.name] = variable }
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
}

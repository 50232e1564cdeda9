import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Keeps the checkpoints whose evaluations were best by some metric, however many newer ones there are, in a directory
/// that restores, evaluations and warm starts take like any other: its latest checkpoint is the best.
///
/// What is best is remembered across restarts.
public final class BestCheckpoints: Exporter {
  /// Which of two values is better.
  public enum Goal: Hashable, Sendable {
    case smallest
    case greatest
  }

  public let name: String
  private let metric: String
  private let goal: Goal
  private let count: Int

  private struct Entry: Hashable {
    let step: Int
    let value: Double
  }

  /// Returns an exporter.
  ///
  /// - Parameters:
  ///   - metric: The name of the metric, `accuracy`.
  ///   - goal: Which of two values is better.
  ///   - count: How many checkpoints stay.
  ///   - name: The name of its directory below `export`.
  /// - Throws: `EstimatorError.invalidArgument` if `count` is not positive.
  public init(
    by metric: String, _ goal: Goal, keeping count: Int = 1, name: String? = nil
  ) throws(EstimatorError) {
    guard count > 0 else { throw .invalidArgument("The number of best checkpoints must be positive. Got \(count)") }
    self.metric = metric
    self.goal = goal
    self.count = count
    self.name = name ?? "best_\(metric)"
  }

  public func export(
    _ estimator: any Exportable, exportPath: String, checkpointPath: String, evalResult: EvaluationResult,
    isTheFinalExport: Bool
  ) throws -> String? {
    guard let value = evalResult[metric] else {
      let hint = NearestNames.hint(for: metric, among: evalResult.metrics.keys.sorted())
      throw EstimatorError.invalidArgument("The evaluation has no metric \"\(metric)\" that is a number.\(hint)")
    }
    let entry = Entry(step: evalResult.globalStep, value: value)
    let old = try entries(in: exportPath)
    let known = old.filter { $0.step != entry.step }
    let ranked = (known + [entry]).sorted(by: isBetter)
    let kept = Array(ranked.prefix(count))
    guard kept.contains(entry) else { return nil }
    try LocalFileSystem().createDirectory(exportPath)
    let prefix = path(of: entry, exportPath)
    try link(checkpointPath, prefix)
    try write(kept, in: exportPath)
    for gone in Set(old.map(\.step)).subtracting(kept.map(\.step)) {
      try CheckpointDirectory(exportPath).remove(FilePath.join(exportPath, "model.ckpt-\(gone)"))
    }
    return prefix
  }

  private func isBetter(_ a: Entry, _ b: Entry) -> Bool {
    // What is no number is worst; of equals the earlier one stays.
    if a.value.isNaN || b.value.isNaN { return !a.value.isNaN }
    if a.value == b.value { return a.step < b.step }
    return goal == .smallest ? a.value < b.value : a.value > b.value
  }

  private func path(of entry: Entry, _ directory: String) -> String {
    FilePath.join(directory, "model.ckpt-\(entry.step)")
  }

  /// Gives the files of a checkpoint second names, or copies them where the file system has no links.
  private func link(_ checkpoint: String, _ prefix: String) throws {
    let files = LocalFileSystem()
    let base = FilePath.name(of: checkpoint)
    let directory = FilePath.directory(of: checkpoint)
    let names = try files.names(inDirectory: directory).filter { $0.hasPrefix(base + ".") }
    // The index is last: with it the checkpoint counts as whole.
    for name in names.sorted(by: { !$0.hasSuffix(".index") && $1.hasSuffix(".index") }) {
      let source = FilePath.join(directory, name)
      let target = prefix + name.dropFirst(base.count)
      try files.remove(target)
      if systemLink(source, target) != 0 { try files.replaceFile(target, with: try files.contents(of: source)) }
    }
    try files.synchronizeDirectory(FilePath.directory(of: prefix))
  }

  private func memory(_ directory: String) -> String { FilePath.join(directory, "best.json") }

  private func entries(in directory: String) throws -> [Entry] {
    let path = memory(directory)
    guard LocalFileSystem().exists(path) else { return [] }
    let text = String(decoding: try LocalFileSystem().contents(of: path), as: UTF8.self)
    let values = try JSONValue(parsing: text, file: path)["checkpoints"]?.elements ?? []
    return values.compactMap { value in
      guard let step = value["step"]?.number.flatMap({ Int(exactly: $0) }) else { return nil }
      let number = value["value"].flatMap { $0.number ?? $0.text.flatMap { Double($0) } } ?? .nan
      return Entry(step: step, value: number)
    }
  }

  /// Writes what is kept, the best last in the state file, where readers look for the latest.
  private func write(_ kept: [Entry], in directory: String) throws {
    let values = kept.map { entry -> JSONValue in ["step": .number(Double(entry.step)), "value": .number(entry.value)] }
    let json: JSONValue = ["metric": .string(metric), "checkpoints": .array(values)]
    try LocalFileSystem().replaceFile(memory(directory), with: Array("\(json)\n".utf8))
    guard let best = kept.first else { return }
    try CheckpointDirectory(directory).writeState(
      latest: path(of: best, directory), kept: kept.reversed().map { path(of: $0, directory) })
  }
}

private func systemLink(_ source: String, _ target: String) -> Int32 { link(source, target) }

import EspalierFormats

/// A page about a training: its curves, its last numbers and its files, in one file that needs nothing else.
///
///     try TrainingReport(modelDir: "run").write()
public struct TrainingReport {
  /// The curves of one directory of events.
  struct Run {
    /// What the legend says: `train`, `eval`, `eval_name`.
    let name: String
    let points: [ScalarEvents.Point]

    init(_ name: String, _ directory: String) throws {
      self.name = name
      points = try ScalarEvents.points(in: directory)
    }

    /// The points of each curve by step. A step that was made again after a crash counts as it went last.
    var curves: [String: [(step: Int, value: Double)]] {
      var result: [String: [Int: Double]] = [:]
      for point in points { result[TrainingReport.curveName(point.tag), default: [:]][point.step] = point.value }
      return result.mapValues { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
  }

  /// The directory that it is about.
  public let modelDir: String
  /// Images with what the model says of them, shown below the curves.
  public var pictures: [Picture] = []
  let runs: [Run]
  let checkpoints: [String]
  let exports: [String]

  /// Reads the event files of a training and of its evaluations: those of an estimator, in `modelDir` and in `eval` and
  /// `eval_name` below it, or those of Keras's callback, in `train` and `validation`.
  ///
  /// - Throws: `FormatError` if the directory cannot be read.
  public init(modelDir: String) throws {
    let files = LocalFileSystem()
    let names = try files.names(inDirectory: modelDir)
    let evaluations = names.filter { $0 == "eval" || $0.hasPrefix("eval_") || $0 == "validation" }
    self.modelDir = modelDir
    let training = names.contains("train") ? FilePath.join(modelDir, "train") : modelDir
    runs = try [Run("train", training)] + evaluations.map { try Run($0, FilePath.join(modelDir, $0)) }
    let state = (try? CheckpointDirectory(modelDir).state()) ?? nil
    checkpoints = (state?.allModelCheckpointPaths ?? []).map { FilePath.name(of: $0) }
    let base = FilePath.join(modelDir, "export")
    let exporters = files.exists(base) ? try files.names(inDirectory: base) : []
    exports = exporters.flatMap { exporter in
      let made = (try? files.names(inDirectory: FilePath.join(base, exporter))) ?? []
      return made.filter { $0.allSatisfy(\.isNumber) }.map { "export/\(exporter)/\($0)" }
    }
  }

  /// Reads the event files of several trainings, to compare them.
  ///
  /// - Parameters:
  ///   - trainings: Names for the legends, and the directories of the event files.
  ///   - modelDir: The directory that the page is written into.
  /// - Throws: `FormatError` if a directory cannot be read.
  public init(comparing trainings: [(name: String, directory: String)], modelDir: String) throws {
    self.modelDir = modelDir
    runs = try trainings.map { try Run($0.name, $0.directory) }
    checkpoints = []
    exports = []
  }

  /// Writes the page; returns its path.
  ///
  /// - Parameter path: Where to; by default `report.html` in the model directory.
  /// - Throws: `FormatError` if it cannot be written.
  @discardableResult
  public func write(to path: String? = nil) throws -> String {
    let path = path ?? FilePath.join(modelDir, "report.html")
    try LocalFileSystem().replaceFile(path, with: Array(html.utf8))
    return path
  }

  /// Whether there is anything to show.
  public var hasCurves: Bool { runs.contains { !$0.points.isEmpty } }

  /// The charts: the loss first, then accuracy, learning rate, speed, and the others by name.
  var charts: [Chart] {
    let curves = runs.map { (run: $0, curves: $0.curves) }
    let names = Set(curves.flatMap { $0.curves.keys })
    return names.sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }.map { name in
      let own = curves.enumerated().compactMap { index, entry -> Curve? in
        guard let points = entry.curves[name], !points.isEmpty else { return nil }
        return Curve(name: entry.run.name, points: points, kind: index, hasMarks: entry.run.name != "train")
      }
      return Chart(title: name, curves: own)
    }
  }

  /// What the tags of curves over epochs begin with.
  static let epochPrefix = "epoch_"

  private static func rank(_ name: String) -> Int {
    let order = ["loss", "accuracy", "learning_rate", "global_step/sec", "examples/sec"]
    return order.firstIndex(of: name) ?? order.count
  }

  /// Returns the name of a curve without what made its tag unique in the graph: `learning_rate_1`; and without what
  /// Keras says of its steps: `epoch_loss`.
  static func curveName(_ tag: String) -> String {
    if tag.hasPrefix(epochPrefix) { return String(tag.dropFirst(epochPrefix.count)) }
    let parts = tag.split(separator: "_")
    guard parts.count > 1, let last = parts.last, last.allSatisfy(\.isNumber), last.count == 1 else { return tag }
    return parts.dropLast().joined(separator: "_")
  }
}

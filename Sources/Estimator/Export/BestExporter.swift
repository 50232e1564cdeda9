import EspalierFormats

/// Writes the model after evaluations that are better than all before, those of earlier runs included.
///
/// Source: `tf.estimator.BestExporter`.
public final class BestExporter: Exporter {
  /// Returns whether the second of two evaluations is better than the first.
  public typealias Comparison = (_ best: [String: Double], _ current: [String: Double]) throws -> Bool

  public let name: String
  private let servingInput: ServingInputFn
  private let assetsExtra: [String: String]
  private let asText: Bool
  private let exportsToKeep: Int?
  private let eventFilePattern: String?
  private let isBetter: Comparison
  private var modelDir: String?
  private var best: [String: Double]?

  /// Returns an exporter.
  ///
  /// - Parameters:
  ///   - assetsExtra: Files to copy into `assets.extra`, by their paths in it.
  ///   - asText: Whether the graph is written for people to read.
  ///   - exportsToKeep: How many exports stay; nil keeps all.
  ///   - eventFilePattern: The event files, below the model directory, in which it looks for the best of earlier runs:
  ///     `eval_name/*.tfevents.*` for an evaluation with a name. With nil, the first evaluation of a run is its best.
  ///   - isBetter: Compares two evaluations; by default the smaller loss is better.
  /// - Throws: `EstimatorError.invalidArgument` if `exportsToKeep` is not positive.
  public init(
    _ name: String = "best_exporter", servingInput: @escaping ServingInputFn, assetsExtra: [String: String] = [:],
    asText: Bool = false, exportsToKeep: Int? = 5,
    eventFilePattern: String? = "eval/*.tfevents.*",
    isBetter: @escaping Comparison = BestExporter.lossIsSmaller
  ) throws(EstimatorError) {
    if let exportsToKeep, exportsToKeep <= 0 {
      throw .invalidArgument("`exports_to_keep`, if provided, must be a positive number. Got \(exportsToKeep)")
    }
    self.name = name
    self.servingInput = servingInput
    self.assetsExtra = assetsExtra
    self.asText = asText
    self.exportsToKeep = exportsToKeep
    self.eventFilePattern = eventFilePattern
    self.isBetter = isBetter
  }

  /// Returns whether the loss of the second evaluation is smaller.
  public static func lossIsSmaller(_ best: [String: Double], _ current: [String: Double]) throws -> Bool {
    guard let old = best["loss"] else {
      throw EstimatorError.invalidArgument("best_eval_result cannot be empty or no loss is found in it.")
    }
    guard let new = current["loss"] else {
      throw EstimatorError.invalidArgument("current_eval_result cannot be empty or no loss is found in it.")
    }
    return new < old
  }

  public func export(
    _ estimator: any Exportable, exportPath: String, checkpointPath: String, evalResult: EvaluationResult,
    isTheFinalExport: Bool
  ) throws -> String? {
    if let eventFilePattern, modelDir != estimator.modelDir {
      Logging.info("Loading best metric from event files.")
      modelDir = estimator.modelDir
      best = try bestOfEvents(
        FilePath.join(estimator.modelDir, eventFilePattern), before: evalResult.globalStep, exports: exportPath)
    }
    let current = evalResult.numbers
    if let best, try !isBetter(best, current) { return nil }
    Logging.info("Performing best model export.")
    best = current
    let path = try estimator.exportSavedModel(
      to: exportPath, servingInput: servingInput, assetsExtra: assetsExtra, asText: asText,
      checkpointPath: checkpointPath, mode: .predict)
    OldExports.remove(in: exportPath, keeping: exportsToKeep)
    return path
  }

  /// Returns the best evaluation of earlier steps; nil if nothing was exported yet, so that the first one is.
  private func bestOfEvents(
    _ pattern: String, before step: Int, exports: String
  ) throws -> [String: Double]? {
    let names = (try? LocalFileSystem().names(inDirectory: exports)) ?? []
    guard names.contains(where: { $0.utf8.count == 10 && $0.allSatisfy(\.isNumber) }) else { return nil }
    var best: [String: Double]?
    for (evaluated, metrics) in try readEvalMetrics(matching: pattern) where evaluated < step {
      guard let known = best else {
        best = metrics
        continue
      }
      if try isBetter(known, metrics) { best = metrics }
    }
    return best
  }
}

extension EvaluationResult {
  /// The metrics that are numbers.
  var numbers: [String: Double] {
    var result: [String: Double] = [:]
    for name in metrics.keys { result[name] = self[name] }
    return result
  }
}

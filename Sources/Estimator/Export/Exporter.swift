import EspalierFormats

/// What an exporter needs of an estimator.
public protocol Exportable: AnyObject {
  /// The directory of checkpoints and event files.
  var modelDir: String { get }
  /// Writes the graph of a mode with the weights of a checkpoint; returns the directory.
  func exportSavedModel(
    to base: String, servingInput: @escaping ServingInputFn, assetsExtra: [String: String], asText: Bool,
    checkpointPath: String?, mode: ModeKeys
  ) throws -> String
}

extension Estimator: Exportable {}

/// What writes a model after evaluations.
///
/// Source: `tf.estimator.Exporter`.
public protocol Exporter: AnyObject {
  /// The name of its directory below `export`.
  var name: String { get }
  /// Writes the model if it should be; returns the directory that was written.
  ///
  /// - Parameters:
  ///   - estimator: The trained model.
  ///   - exportPath: The directory of this exporter.
  ///   - checkpointPath: The path prefix of the checkpoint that was evaluated.
  ///   - evalResult: What the evaluation found.
  ///   - isTheFinalExport: Whether training is over.
  func export(
    _ estimator: any Exportable, exportPath: String, checkpointPath: String, evalResult: EvaluationResult,
    isTheFinalExport: Bool
  ) throws -> String?
}

/// Writes the model once, when training is over.
///
/// Source: `tf.estimator.FinalExporter`.
public final class FinalExporter: Exporter {
  public let name: String
  private let servingInput: ServingInputFn
  private let assetsExtra: [String: String]
  private let asText: Bool

  /// Returns an exporter.
  ///
  /// - Parameters:
  ///   - assetsExtra: Files to copy into `assets.extra`, by their paths in it.
  ///   - asText: Whether the graph is written for people to read.
  public init(
    _ name: String, servingInput: @escaping ServingInputFn, assetsExtra: [String: String] = [:], asText: Bool = false
  ) {
    self.name = name
    self.servingInput = servingInput
    self.assetsExtra = assetsExtra
    self.asText = asText
  }

  public func export(
    _ estimator: any Exportable, exportPath: String, checkpointPath: String, evalResult: EvaluationResult,
    isTheFinalExport: Bool
  ) throws -> String? {
    guard isTheFinalExport else { return nil }
    Logging.info("Performing the final export in the end of training.")
    return try estimator.exportSavedModel(
      to: exportPath, servingInput: servingInput, assetsExtra: assetsExtra, asText: asText,
      checkpointPath: checkpointPath, mode: .predict)
  }
}

/// Writes the model after every evaluation and keeps the newest ones.
///
/// Source: `tf.estimator.LatestExporter`.
public final class LatestExporter: Exporter {
  public let name: String
  private let servingInput: ServingInputFn
  private let assetsExtra: [String: String]
  private let asText: Bool
  private let exportsToKeep: Int?

  /// Returns an exporter.
  ///
  /// - Parameters:
  ///   - assetsExtra: Files to copy into `assets.extra`, by their paths in it.
  ///   - asText: Whether the graph is written for people to read.
  ///   - exportsToKeep: How many exports stay; nil keeps all.
  /// - Throws: `EstimatorError.invalidArgument` if `exportsToKeep` is not positive.
  public init(
    _ name: String, servingInput: @escaping ServingInputFn, assetsExtra: [String: String] = [:], asText: Bool = false,
    exportsToKeep: Int? = 5
  ) throws(EstimatorError) {
    if let exportsToKeep, exportsToKeep <= 0 {
      throw .invalidArgument("`exports_to_keep`, if provided, must be positive number")
    }
    self.name = name
    self.servingInput = servingInput
    self.assetsExtra = assetsExtra
    self.asText = asText
    self.exportsToKeep = exportsToKeep
  }

  public func export(
    _ estimator: any Exportable, exportPath: String, checkpointPath: String, evalResult: EvaluationResult,
    isTheFinalExport: Bool
  ) throws -> String? {
    let path = try estimator.exportSavedModel(
      to: exportPath, servingInput: servingInput, assetsExtra: assetsExtra, asText: asText,
      checkpointPath: checkpointPath, mode: .predict)
    OldExports.remove(in: exportPath, keeping: exportsToKeep)
    return path
  }
}

/// The exports of one directory, named by the second in which they were made.
enum OldExports {
  /// Removes all but the newest.
  static func remove(in directory: String, keeping count: Int?) {
    let files = LocalFileSystem()
    guard let count, let names = try? files.names(inDirectory: directory) else { return }
    let exports = names.filter { $0.utf8.count == 10 && $0.allSatisfy(\.isNumber) }.sorted()
    for name in exports.dropLast(count) {
      let path = FilePath.join(directory, name)
      do { try files.removeDirectory(path) } catch {
        Logging.warn("Can not delete \(path) recursively: \(error)")
      }
    }
  }
}

import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// A model that can be trained, evaluated and asked for predictions; its state lives in a directory of checkpoints.
///
///     let estimator = try Estimator(modelFn: model, modelDir: "run", params: Hyperparameters())
///     try estimator.train(inputFn: { trainingData.shuffled(buffer: 1000).repeated().batched(128) }, maxSteps: 1000)
///     let result = try estimator.evaluate(inputFn: { testData.batched(100) })
///     print(result["accuracy"] ?? .nan)
///
/// Each mode builds one graph from `modelFn`, which is kept and used again for inputs of the same types; all of them
/// share one set of weights, so that an evaluation after a save reads nothing. Training that is called again, or by a new process, goes on where the latest checkpoint
/// left off: with the variables, the place in the input and the random numbers that it had, so that an interrupted
/// training ends in the same bits as one that was not.
///
/// Source: `tf.estimator.Estimator`.
public class Estimator<Params> {
  /// Builds a model: adds nodes to the current graph and says which of them train, evaluate and predict.
  ///
  /// `labels` is nil in prediction, and where the input has none.
  public typealias ModelFn = (
    _ features: Structure<Tensor>, _ labels: Structure<Tensor>?, _ mode: ModeKeys, _ params: Params
  ) throws -> EstimatorSpec

  /// The directory of checkpoints and event files.
  public let modelDir: String
  /// How it runs.
  public let config: RunConfig
  /// What `modelFn` is given besides its input.
  public let params: Params
  let modelFn: ModelFn
  /// Whose values variables begin with, where there is no checkpoint to go on from.
  let warmStartFrom: WarmStartSettings?
  /// The graphs that were built already.
  var models: [ModelKey: BuiltModel] = [:]
  /// The weights that the graphs share.
  let weights = WeightStore()
  /// The input of the training that goes on.
  var trainingInput: InputFeed?
  /// How many times `modelFn` was called for each mode.
  public internal(set) var modelBuilds: [ModeKeys: Int] = [:]
  /// Event files stay open from one call to the next, so that each directory has one.
  var eventLogs: [String: EventLog] = [:]

  /// Returns an estimator.
  ///
  /// - Parameters:
  ///   - modelFn: Builds the model.
  ///   - modelDir: The directory of checkpoints and event files; by default that of `config`, or a temporary one.
  ///   - config: How it runs.
  ///   - params: Handed on to `modelFn`.
  ///   - warmStartFrom: Whose values variables begin with, where there is no checkpoint to go on from.
  /// - Throws: `EstimatorError.invalidArgument` if the configuration makes no sense, or names another directory.
  public init(
    modelFn: @escaping ModelFn, modelDir: String? = nil, config: RunConfig? = nil, params: Params,
    warmStartFrom: WarmStartSettings? = nil
  ) throws {
    var config = try config ?? RunConfig()
    try config.validate()
    self.modelFn = modelFn
    self.warmStartFrom = warmStartFrom
    self.params = params
    self.modelDir = try Self.directory(modelDir, config)
    config.modelDir = self.modelDir
    self.config = config
    Logging.info("Using config: \(config)")
  }

  private static func directory(_ given: String?, _ config: RunConfig) throws -> String {
    if let given, given.isEmpty { throw EstimatorError.invalidArgument("model_dir should be non-empty") }
    if let given, let configured = config.modelDir, given != configured {
      throw EstimatorError.invalidArgument(
        "`model_dir` are set both in constructor and `RunConfig`, but with different values. In constructor: "
          + "'\(given)', in `RunConfig`: '\(configured)' ")
    }
    if let directory = given ?? config.modelDir {
      return directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    }
    let made = try TemporaryDirectory.make()
    Logging.warn("Using temporary folder as model directory: \(made)")
    return made
  }

  /// Returns the path prefix of the latest checkpoint, or nil if there is none.
  ///
  /// - Throws: `FormatError` if the directory cannot be read.
  public func latestCheckpoint() throws -> String? {
    try EspalierFormats.latestCheckpoint(in: modelDir)
  }

  /// Returns the names of all variables in the latest checkpoint, sorted.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if there is no checkpoint.
  public func variableNames() throws -> [String] {
    try trainedCheckpoint().variables.map(\.name).filter { !TrainingState.isKey($0) }
  }

  /// Returns the value of a variable in the latest checkpoint.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if there is no checkpoint; `FormatError` if it has no such variable.
  public func variableValue(_ name: String) throws -> HostTensor {
    try trainedCheckpoint().tensor(named: name)
  }

  /// Returns the directory of an evaluation's event file: `eval` or `eval_name` in the model directory.
  public func evalDir(name: String? = nil) -> String {
    FilePath.join(modelDir, name.map { $0.isEmpty ? "eval" : "eval_\($0)" } ?? "eval")
  }

  private func trainedCheckpoint() throws -> CheckpointReader {
    guard let prefix = try latestCheckpoint() else {
      throw EstimatorError.invalidArgument("Could not find trained model in model_dir: \(modelDir).")
    }
    return try CheckpointReader(prefix: prefix)
  }

  /// Opens the event file of a directory for as long as the estimator lives.
  @discardableResult
  func eventLog(_ directory: String) throws -> EventLog {
    let log = try EventLog.shared(directory)
    eventLogs[directory] = log
    return log
  }

  var sessionConfiguration: SessionConfiguration { SessionConfiguration(threads: config.sessionThreads) }
}

extension Estimator where Params == Void {
  /// Returns an estimator of a model without parameters.
  public convenience init(
    modelFn: @escaping (Structure<Tensor>, Structure<Tensor>?, ModeKeys) throws -> EstimatorSpec,
    modelDir: String? = nil, config: RunConfig? = nil, warmStartFrom: WarmStartSettings? = nil
  ) throws {
    try self.init(
      modelFn: { features, labels, mode, _ in try modelFn(features, labels, mode) }, modelDir: modelDir,
      config: config, params: (), warmStartFrom: warmStartFrom)
  }
}

import EspalierData
import EspalierEstimator
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// A data set and the network that learns it: what a module of one's own provides to be trained by the official loop.
///
/// Source: the three functions that `official/resnet/cifar10_main.py` hands to `resnet_run_loop`.
public struct OfficialModule {
  /// Builds the model.
  public typealias ModelFunction = (
    _ features: Structure<Tensor>, _ labels: Structure<Tensor>?, _ mode: ModeKeys, _ options: OfficialOptions
  ) throws -> EstimatorSpec
  /// Returns the input: training images `epochs` times, or test images once.
  public typealias InputFunction = (
    _ isTraining: Bool, _ epochs: Int?, _ options: OfficialOptions
  ) throws -> Dataset<Sample>

  /// The name of the data set.
  public var name: String
  /// Rows, columns and channels of an image.
  public var imageShape: [Int]
  /// The classes of the data set.
  public var classCount: Int
  /// The training images.
  public var imageCount: Int
  public var modelFunction: ModelFunction
  public var inputFunction: InputFunction

  /// Returns a module.
  public init(
    name: String, imageShape: [Int], classCount: Int, imageCount: Int, modelFunction: @escaping ModelFunction,
    inputFunction: @escaping InputFunction
  ) {
    self.name = name
    self.imageShape = imageShape
    self.classCount = classCount
    self.imageCount = imageCount
    self.modelFunction = modelFunction
    self.inputFunction = inputFunction
  }
}

/// What a run of the official loop found.
public struct OfficialResult {
  /// The last evaluation.
  public var evaluation: EvaluationResult?
  /// The hooks that watched training.
  public var trainHooks: [any SessionRunHook]
}

extension OfficialResNet {
  /// Trains, evaluates and exports as the options say; goes on from the last checkpoint in the model directory.
  ///
  /// - Throws: `ResNetError` for options that make no sense; what the module, the estimator and files throw.
  ///
  /// Source: `resnet_main` of `official/resnet/resnet_run_loop.py`.
  @discardableResult
  public static func run(_ module: OfficialModule, _ options: OfficialOptions) throws -> OfficialResult {
    try check(options)
    var options = options
    if !options.tfGpuThreadMode.isEmpty { options.shareOutThreads() }
    if options.clean { try emptyDirectory(options.modelDir) }
    let logger =
      options.benchmarkLoggerType == "BenchmarkFileLogger"
      ? try BenchmarkFileLogger(directory: options.benchmarkLogDir) : BenchmarkLogger()
    try logger.logRun(
      model: "resnet", dataset: module.name + (options.useSyntheticData ? "-synthetic" : ""),
      parameters: [
        "batch_size": "\(options.batchSize)", "dtype": options.dtype, "resnet_size": options.resnetSize,
        "resnet_version": options.resnetVersion, "synthetic_data": "\(options.useSyntheticData)",
        "train_epochs": "\(options.trainEpochs)",
      ])
    let hooks = try TrainHooks.named(
      options.hooks, modelDir: options.modelDir, batchSize: options.batchSize, logger: logger)
    let classifier = try estimator(module, options)
    let loop = OfficialLoop(module: module, options: options, classifier: classifier, hooks: hooks, logger: logger)
    let evaluation = options.useTrainAndEvaluate ? try loop.trainAndEvaluate() : try loop.alternate()
    if !options.exportDir.isEmpty { try loop.export() }
    return OfficialResult(evaluation: evaluation, trainHooks: hooks)
  }

  private static func check(_ options: OfficialOptions) throws {
    _ = try perDeviceBatchSize(options.batchSize, deviceCount: options.numGpus)
    guard options.numGpus <= 1 else {
      throw ResNetError("num_gpus is \(options.numGpus), but there is one device here: use --num_gpus 1")
    }
    guard options.trainEpochs >= 0, options.epochsBetweenEvals > 0 else {
      throw ResNetError("train_epochs must not be negative, and epochs_between_evals must be positive")
    }
    guard !options.enableLars else { throw ResNetError("the optimizer LARS is not there: leave out --enable_lars") }
  }

  /// Returns the part of a batch for each of several devices.
  ///
  /// - Throws: `ResNetError` if they do not come out even.
  ///
  /// Source: `per_device_batch_size` of `official/utils/misc/distribution_utils.py`.
  public static func perDeviceBatchSize(_ batchSize: Int, deviceCount: Int) throws(ResNetError) -> Int {
    guard batchSize > 0 else { throw ResNetError("batch_size must be positive, not \(batchSize)") }
    guard deviceCount > 1 else { return batchSize }
    let remainder = batchSize % deviceCount
    guard remainder == 0 else {
      throw ResNetError(
        "When running with multiple GPUs, batch size must be a multiple of the number of available GPUs. "
          + "Found \(deviceCount) GPUs with a batch size of \(batchSize); "
          + "try --batch_size=\(batchSize - remainder) instead.")
    }
    return batchSize / deviceCount
  }

  /// Returns the epochs between evaluations, one number for each time of training; 0 only evaluates.
  public static func schedule(trainEpochs: Int, epochsBetweenEvals: Int, evalOnly: Bool = false) -> [Int] {
    if evalOnly || trainEpochs == 0 { return [0] }
    let full = [Int](repeating: epochsBetweenEvals, count: trainEpochs / epochsBetweenEvals)
    return trainEpochs % epochsBetweenEvals == 0 ? full : full + [trainEpochs % epochsBetweenEvals]
  }

  /// Returns whether a number has reached the threshold at which training stops, and logs it if it has.
  ///
  /// Source: `past_stop_threshold` of `official/utils/misc/model_helpers.py`.
  public static func isPast(stopThreshold: Double?, _ value: Double) throws(ResNetError) -> Bool {
    guard let stopThreshold else { return false }
    guard stopThreshold.isFinite else { throw ResNetError("Threshold for checking stop conditions must be a number.") }
    guard value.isFinite else {
      throw ResNetError("Eval metric being checked against stop conditions must be a number.")
    }
    guard value >= stopThreshold else { return false }
    Logging.info("Stop threshold of \(stopThreshold) was passed with metric value \(value).")
    return true
  }

  private static func estimator(_ module: OfficialModule, _ options: OfficialOptions) throws -> Estimator<
    OfficialOptions
  > {
    var config = try RunConfig(
      modelDir: options.modelDir, tfRandomSeed: options.seed == 0 ? nil : options.seed, saveCheckpointsSecs: 86_400,
      savesOnSignals: true)
    if options.intraOpParallelismThreads > 0 { config.sessionThreads = options.intraOpParallelismThreads }
    let pretrained = options.pretrainedModelCheckpointPath
    return try Estimator(
      modelFn: module.modelFunction, config: config, params: options,
      warmStartFrom: pretrained.isEmpty
        ? nil
        : WarmStartSettings(ckptToInitializeFrom: pretrained, varsToWarmStart: .trainable(matching: "(?!.*dense)")))
  }

  private static func emptyDirectory(_ path: String) throws {
    guard Files.exist(at: path) else { return }
    let isOfTraining = { (name: String) in
      name == "checkpoint" || name.hasPrefix("model.ckpt-") || name.contains(".tfevents.")
        || name.hasPrefix("curves.") || name == "graph.pbtxt"
    }
    for folder in [path, FilePath.join(path, "eval")] where Files.exist(at: folder) {
      for name in try Files.names(inDirectory: folder) where isOfTraining(name) {
        try Files.remove(FilePath.join(folder, name))
      }
    }
  }
}

/// One run of the official loop.
private struct OfficialLoop {
  let module: OfficialModule
  let options: OfficialOptions
  let classifier: Estimator<OfficialOptions>
  let hooks: [any SessionRunHook]
  let logger: BenchmarkLogger

  /// Returns the input, or noise if the options say so.
  private func input(isTraining: Bool, epochs: Int?) throws -> Dataset<Sample> {
    guard options.useSyntheticData else { return try module.inputFunction(isTraining, epochs, options) }
    return try OfficialResNet.synthInputFn(
      height: module.imageShape[0], width: module.imageShape[1], channels: module.imageShape[2],
      classCount: module.classCount, batchSize: options.batchSize,
      batches: (epochs ?? 1) * max(1, module.imageCount / options.batchSize), dataType: options.dataType)
  }

  /// Trains for some epochs and evaluates, in turns.
  func alternate() throws -> EvaluationResult? {
    let schedule = OfficialResNet.schedule(
      trainEpochs: options.trainEpochs, epochsBetweenEvals: options.epochsBetweenEvals, evalOnly: options.evalOnly)
    var result: EvaluationResult?
    for (cycle, epochs) in schedule.enumerated() {
      Logging.info("Starting cycle: \(cycle)/\(schedule.count)")
      if epochs > 0 {
        try classifier.train(
          inputFn: { try input(isTraining: true, epochs: epochs) }, hooks: hooks, maxSteps: options.maxTrainSteps)
      }
      Logging.info("Starting to evaluate.")
      // The steps of training limit those of evaluation too, so that short runs are short.
      let evaluation = try classifier.evaluate(
        inputFn: { try input(isTraining: false, epochs: 1) }, steps: options.maxTrainSteps)
      try logger.log(evaluation)
      result = evaluation
      if try OfficialResNet.isPast(stopThreshold: options.stopThreshold, evaluation["accuracy"] ?? 0) { break }
      if let last = options.maxTrainSteps, evaluation.globalStep >= last { break }
    }
    return result
  }

  /// Trains, and evaluates after checkpoints.
  func trainAndEvaluate() throws -> EvaluationResult? {
    let train = try TrainSpec(
      inputFn: { try input(isTraining: true, epochs: options.trainEpochs) }, maxSteps: options.maxTrainSteps,
      hooks: hooks)
    let result = try EspalierEstimator.trainAndEvaluate(
      classifier, train,
      EvalSpec(inputFn: { try input(isTraining: false, epochs: 1) }, steps: options.maxTrainSteps))
    if let result { try logger.log(result) }
    return result
  }

  /// Writes the trained model for serving.
  func export() throws {
    let shape = module.imageShape
    let servingInput =
      options.imageBytesAsServingInput
      ? ServingInput.imageBytes(shape: shape, dataType: options.dataType) { image in
        ImagenetPreprocessing.preprocess(decoded: image, size: shape[0])
      } : ServingInput.tensor(options.dataType, shape: Shape([nil] + shape))
    let path = try classifier.exportSavedModel(to: options.exportDir, servingInput: servingInput)
    Logging.info("The model for serving is in \(path)")
  }
}

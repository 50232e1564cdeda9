import EspalierGraph

/// How an estimator runs: where it saves, how often, and how much it logs.
///
/// Source: `tf.estimator.RunConfig`, whose defaults these are.
public struct RunConfig: Hashable, Sendable {
  /// The directory of checkpoints and event files; nil lets the estimator make a temporary one.
  public var modelDir: String?
  /// The seed of the random operations of every graph; nil draws differently in each run.
  public var tfRandomSeed: Int?
  /// Steps between two summaries; 0 writes none.
  public var saveSummarySteps: Int
  /// Steps between two checkpoints. Setting it takes `saveCheckpointsSecs` away.
  public var saveCheckpointsSteps: Int? {
    didSet { if saveCheckpointsSteps != nil { saveCheckpointsSecs = nil } }
  }
  /// Seconds between two checkpoints; 0 saves none. Setting it takes `saveCheckpointsSteps` away.
  public var saveCheckpointsSecs: Double? {
    didSet { if saveCheckpointsSecs != nil { saveCheckpointsSteps = nil } }
  }
  /// How many recent checkpoints stay; 0 keeps all.
  public var keepCheckpointMax: Int
  /// The hours of training after each of which one checkpoint stays for good.
  public var keepCheckpointEveryNHours: Double
  /// Steps between two lines with loss and speed in the log; nil logs none.
  public var logStepCountSteps: Int?
  /// Whether the graph is written: as text, `graph.pbtxt`, and beside each checkpoint as a `.meta` file that TensorFlow
  /// can rebuild it from.
  public var checkpointSaveGraphDef: Bool
  /// How many threads compute; nil is one for each core.
  public var sessionThreads: Int?
  /// Where training computes; nil leaves it to the model.
  public var trainDistribute: DistributionStrategy?
  /// Where evaluation computes; nil leaves it to the model.
  public var evalDistribute: DistributionStrategy?
  /// Where the nodes of models go; nil puts variables on the parameter servers of the cluster in turns, if it has any.
  public var deviceFn: DeviceFunction?
  /// How processes that train together would talk, `grpc+verbs`: kept for programs that hand it on. Training in one
  /// process talks to nobody.
  public var `protocol`: String?
  /// How long workers would wait for their chief, in seconds: kept as `protocol` is.
  public var sessionCreationTimeoutSecs: Int
  /// Whether training that goes on reads its input from where the checkpoint left it; otherwise from the start.
  public var resumesInput: Bool
  /// Whether training ends with a page about it, `report.html` in the model directory.
  public var writesReport: Bool
  /// Whether the device that each trained variable asks for is logged when a model is built.
  ///
  /// Source: `log_device_placement` of `tf.ConfigProto`.
  public var logDevicePlacement: Bool
  /// The processes that train together, and which of them this is: what `TF_CONFIG` says.
  public var cluster: ClusterConfig
  /// Whether SIGTERM and SIGINT end training at the next step, with everything saved, in `EstimatorError.interrupted`.
  ///
  /// A second signal ends the process at once. For programs whose only work is training.
  public var savesOnSignals: Bool

  /// Returns a configuration.
  ///
  /// - Parameter saveCheckpointsSecs: If neither this nor `saveCheckpointsSteps` is given, 600.
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if a number makes no sense, or both ways to space
  ///   checkpoints are given.
  public init(
    modelDir: String? = nil, tfRandomSeed: Int? = nil, saveSummarySteps: Int = 100,
    saveCheckpointsSteps: Int? = nil, saveCheckpointsSecs: Double? = nil, keepCheckpointMax: Int = 5,
    keepCheckpointEveryNHours: Double = 10_000, logStepCountSteps: Int? = 100, checkpointSaveGraphDef: Bool = true,
    sessionThreads: Int? = nil, trainDistribute: DistributionStrategy? = nil, deviceFn: DeviceFunction? = nil,
    protocol: String? = nil, evalDistribute: DistributionStrategy? = nil, sessionCreationTimeoutSecs: Int = 7200,
    resumesInput: Bool = true, savesOnSignals: Bool = false, writesReport: Bool = true,
    logDevicePlacement: Bool = false, cluster: ClusterConfig? = nil
  ) throws(EstimatorError) {
    if saveCheckpointsSteps != nil, saveCheckpointsSecs != nil {
      throw .invalidArgument("`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set.")
    }
    let cluster = if let cluster { cluster } else { try ClusterConfig.ofProcess() }
    if let modelDir, let configured = cluster.modelDir, modelDir != configured {
      throw .invalidArgument(
        "`model_dir` provided in RunConfig construct, if set, must have the same value as the model_dir in TF_CONFIG. "
          + "model_dir: \(modelDir)\nTF_CONFIG[\"model_dir\"]: \(configured).\n")
    }
    self.cluster = cluster
    self.modelDir = modelDir ?? cluster.modelDir
    self.tfRandomSeed = tfRandomSeed
    self.saveSummarySteps = saveSummarySteps
    self.saveCheckpointsSteps = saveCheckpointsSteps
    self.saveCheckpointsSecs = saveCheckpointsSteps == nil ? saveCheckpointsSecs ?? 600 : nil
    self.keepCheckpointMax = keepCheckpointMax
    self.keepCheckpointEveryNHours = keepCheckpointEveryNHours
    self.logStepCountSteps = logStepCountSteps
    self.checkpointSaveGraphDef = checkpointSaveGraphDef
    self.sessionThreads = sessionThreads
    self.trainDistribute = trainDistribute
    self.evalDistribute = evalDistribute
    self.deviceFn = deviceFn
    self.protocol = `protocol`
    self.sessionCreationTimeoutSecs = sessionCreationTimeoutSecs
    self.resumesInput = resumesInput
    self.savesOnSignals = savesOnSignals
    self.writesReport = writesReport
    self.logDevicePlacement = logDevicePlacement
    try validate()
  }

  /// TensorFlow's defaults.
  public static let standard = RunConfig()

  private init() {
    saveSummarySteps = 100
    saveCheckpointsSecs = 600
    keepCheckpointMax = 5
    keepCheckpointEveryNHours = 10_000
    logStepCountSteps = 100
    checkpointSaveGraphDef = true
    sessionCreationTimeoutSecs = 7200
    resumesInput = true
    savesOnSignals = false
    writesReport = true
    logDevicePlacement = false
    cluster = .local
  }

  /// Throws if a number makes no sense.
  func validate() throws(EstimatorError) {
    try expect(modelDir.map { !$0.isEmpty }, "model_dir should be non-empty")
    try expect(saveSummarySteps >= 0, "save_summary_steps should be >= 0")
    try expect(saveCheckpointsSteps.map { $0 >= 0 }, "save_checkpoints_steps should be >= 0")
    try expect(saveCheckpointsSecs.map { $0 >= 0 }, "save_checkpoints_secs should be >= 0")
    try expect(keepCheckpointMax >= 0, "keep_checkpoint_max should be >= 0")
    try expect(keepCheckpointEveryNHours > 0, "keep_checkpoint_every_n_hours should be > 0")
    try expect(logStepCountSteps.map { $0 > 0 }, "log_step_count_steps should be > 0")
    try expect(sessionThreads.map { $0 > 0 }, "session_threads should be > 0")
    try expect(`protocol`.map { !$0.isEmpty }, "protocol should be non-empty")
    try expect(sessionCreationTimeoutSecs > 0, "session_creation_timeout_secs should be > 0")
  }

  private func expect(_ condition: Bool?, _ message: String) throws(EstimatorError) {
    if condition == false { throw .invalidArgument(message) }
  }

  /// What shares the nodes of a new graph out among devices, if anything does.
  var deviceSetter: ReplicaDeviceSetter? {
    if let deviceFn { return deviceFn.makeSetter() }
    guard cluster.numPsReplicas > 0 else { return nil }
    return ReplicaDeviceSetter(
      psTasks: cluster.numPsReplicas, workerDevice: "/job:\(cluster.taskType)/task:\(cluster.taskId)")
  }

  /// Whether checkpoints are saved at all.
  var savesCheckpoints: Bool { saveCheckpointsSteps ?? 0 > 0 || saveCheckpointsSecs ?? 0 > 0 }
}

extension RunConfig: CustomStringConvertible {
  /// The configuration as TensorFlow logs it.
  public var description: String {
    func word<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "None" }
    func quoted(_ value: (some CustomStringConvertible)?) -> String { value.map { "'\($0)'" } ?? "None" }
    let parts = [
      ("model_dir", "'\(modelDir ?? "")'"), ("tf_random_seed", word(tfRandomSeed)),
      ("save_summary_steps", "\(saveSummarySteps)"), ("save_checkpoints_steps", word(saveCheckpointsSteps)),
      ("save_checkpoints_secs", word(saveCheckpointsSecs.map(Text.general))),
      ("session_config", sessionThreads.map { "intra_op_parallelism_threads: \($0)\n" } ?? "None"),
      ("keep_checkpoint_max", "\(keepCheckpointMax)"),
      ("keep_checkpoint_every_n_hours", Text.general(keepCheckpointEveryNHours)),
      ("log_step_count_steps", word(logStepCountSteps)), ("train_distribute", quoted(trainDistribute)),
      ("device_fn", quoted(deviceFn)), ("protocol", quoted(`protocol`)), ("eval_distribute", quoted(evalDistribute)),
      ("experimental_distribute", "None"), ("experimental_max_worker_delay_secs", "None"),
      ("session_creation_timeout_secs", "\(sessionCreationTimeoutSecs)"),
      ("checkpoint_save_graph_def", checkpointSaveGraphDef ? "True" : "False"),
    ]
    return "{" + (parts + cluster.words).map { "'_\($0.0)': \($0.1)" }.joined(separator: ", ") + "}"
  }
}

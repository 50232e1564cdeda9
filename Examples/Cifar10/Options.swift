import Espalier

/// What can be said on the command line. The values here are the defaults of the tutorial: ResNet-44, 80,000 steps on
/// the real images.
struct Options: Sendable {
  enum Preset: String, CaseIterable { case quick, tutorial }

  var dataDir = ""
  var jobDir = ""
  var preset: Preset?
  var variableStrategy = "CPU"
  var numGPUs = 1
  var numTowers = 1
  var numLayers = 44
  var trainSteps = 80_000
  var trainBatchSize = 128
  var evalBatchSize = 100
  var momentum = 0.9
  var weightDecay = 2e-4
  var learningRate = 0.1
  var useDistortionForTraining = true
  var sync = false
  var numIntraThreads = 0
  var numInterThreads = 0
  var dataFormat = ""
  var logDevicePlacement = false
  var batchNormDecay = 0.997
  var batchNormEpsilon = 1e-5
  var seed = 0
  var saveCheckpointsSteps = 0
  var logEverySteps = 100
  var logFormat = Logging.Format.text

  /// A first look: a small network and a few hundred steps, in under two minutes on two cores.
  static let quick: Options = {
    var options = Options()
    options.dataDir = "data/cifar10"
    options.jobDir = "jobs/cifar10"
    options.numGPUs = 0
    options.numLayers = 8
    options.trainSteps = 300
    options.learningRate = 0.05
    // Moving averages that look back some ten steps: 0.997 would still remember the start after 300.
    options.batchNormDecay = 0.9
    options.logEverySteps = 50
    return options
  }()

  static let command = Command<Options>(
    "example-cifar10",
    "Trains a residual network on CIFAR-10 and evaluates it. Without any option it needs nothing: it draws a small "
      + "stand-in for the data and trains the quick preset. `example-cifar10 generate --help` tells how to prepare "
      + "the real data.",
    flags: [
      Flag("data-dir", \.dataDir, "The folder of the CIFAR-10 archive or of the TFRecords made from it."),
      Flag("job-dir", \.jobDir, "The folder where checkpoints and event files go; training resumes from it."),
      Flag(
        "preset", \.preset,
        "The defaults to start from: quick if neither a data nor a job folder is given, else tutorial."),
      Flag("num-layers", \.numLayers, "The number of layers of the network: 6n + 2."),
      Flag("train-steps", \.trainSteps, atLeast: 1, "The number of the step after which training ends."),
      Flag("train-batch-size", \.trainBatchSize, atLeast: 1, "Images in a training batch."),
      Flag("eval-batch-size", \.evalBatchSize, atLeast: 1, "Images in an evaluation batch."),
      Flag("learning-rate", \.learningRate, "The learning rate to start with; it falls in steps."),
      Flag("momentum", \.momentum, "The momentum."),
      Flag("weight-decay", \.weightDecay, "The weight decay of all variables."),
      Flag("use-distortion-for-training", \.useDistortionForTraining, "Whether images are cropped and flipped."),
      Flag("batch-norm-decay", \.batchNormDecay, "The decay of the moving averages of batch normalization."),
      Flag("batch-norm-epsilon", \.batchNormEpsilon, "What batch normalization adds to the variance."),
      Flag(
        "data-format", \.dataFormat, choices: ["channels_first", "channels_last"], "The layout inside the network."),
      Flag("num-gpus", \.numGPUs, "The number of GPUs; 0 computes on the CPU."),
      Flag("num-towers", \.numTowers, atLeast: 1, "The number of towers that share a batch when there is no GPU."),
      Flag("variable-strategy", \.variableStrategy, choices: ["CPU", "GPU"], "Where variables are placed."),
      Flag(
        "sync", \.sync, "Accepted as in the tutorial. It has no effect: one process has no other workers to wait for."),
      Flag("num-intra-threads", \.numIntraThreads, atLeast: 0, "Threads that compute; 0 means one for each core."),
      Flag(
        "num-inter-threads", \.numInterThreads,
        "Accepted as in the tutorial, where it has no effect either: operations run one after another."),
      Flag("log-device-placement", \.logDevicePlacement, "Whether to print the device that each variable asks for."),
      Flag("seed", \.seed, "The seed of initial weights, order of images and distortions; 0 draws one."),
      Flag(
        "save-checkpoints-steps", \.saveCheckpointsSteps, atLeast: 0,
        "Steps between checkpoints; 0 saves every ten minutes."),
      Flag("log-every-steps", \.logEverySteps, atLeast: 1, "Steps between log lines."),
      Flag("log-format", \.logFormat, "How log lines are written."),
    ])

  /// Returns the options that the arguments give, over the defaults of their preset.
  ///
  /// - Throws: `UsageError`.
  static func chosen(by given: Command<Options>.Given) throws(UsageError) -> Options {
    let usual: Preset = given.has("data-dir") || given.has("job-dir") ? .tutorial : .quick
    let preset = try given.applied(to: Options()).preset ?? usual
    var options = try given.applied(to: preset == .quick ? .quick : Options())
    options.preset = preset
    try options.validate()
    return options
  }

  /// The towers that share a batch, and the kind of device that each is on.
  var towers: (count: Int, device: String) { numGPUs == 0 ? (numTowers, "cpu") : (numGPUs, "gpu") }

  private func validate() throws(UsageError) {
    try UsageError.check(!dataDir.isEmpty, "the following arguments are required: --data-dir")
    try UsageError.check(!jobDir.isEmpty, "the following arguments are required: --job-dir")
    try UsageError.check(numGPUs >= 0, "Invalid GPU count: \"--num-gpus\" must be 0 or a positive integer.")
    try UsageError.check(numGPUs == 0, "Requested GPUs but none found. (--num-gpus 0 computes on the CPU.)")
    try UsageError.check(
      variableStrategy == "CPU", "num-gpus=0, CPU must be used as parameter server. Set--variable-strategy=CPU.")
    try UsageError.check(numLayers >= 8 && (numLayers - 2) % 6 == 0, "Invalid --num-layers parameter.")
    try UsageError.check(trainBatchSize % towers.count == 0, "--train-batch-size must be multiple of --num-towers.")
    try UsageError.check(evalBatchSize % towers.count == 0, "--eval-batch-size must be multiple of --num-towers.")
  }
}

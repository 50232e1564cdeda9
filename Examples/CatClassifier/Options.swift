import Espalier

/// What can be said on the command line.
struct Options: Sendable {
  var dataDir = ""
  var jobDir = "jobs/cats"
  var model = CatResNet.Depth.resNet18
  var shortcut = true
  var size = 0
  var trainSize = 0
  var testSize = 50
  var epochs = 0
  var batchSize = 0
  var learningRate = 0.001
  var seed = 1
  var experiment = false
  var predict = ""

  /// Photographs are there; otherwise faces are drawn, smaller and fewer.
  var hasPhotographs: Bool { !dataDir.isEmpty }
  var folder: ImageFolder { ImageFolder(path: hasPhotographs ? dataDir : "data/drawn-cats") }
  var network: CatResNet { CatResNet(model, useShortcut: shortcut) }

  static let command = Command<Options>(
    "example-cat-classifier",
    "Trains a residual network to tell cats from dogs, and shows what shortcuts are good for.",
    flags: [
      Flag(
        "data-dir", \.dataDir,
        "The folder of photographs: training_set and test_set, each with cats and dogs. Without it faces are drawn."),
      Flag("job-dir", \.jobDir, "Where checkpoints and curves go; a repeated command goes on from there."),
      Flag("model", \.model, "The network."),
      Flag("shortcut", \.shortcut, "Whether blocks add their input to their output."),
      Flag("size", \.size, atLeast: 0, "Rows and columns of an image; 0 means 224 for photographs, 48 for drawings."),
      Flag(
        "train-size", \.trainSize, atLeast: 0, "Images of each kind to train on; 0 means 500 photographs, 200 drawings."
      ),
      Flag("test-size", \.testSize, atLeast: 1, "Images of each kind to test on, and as many to watch training by."),
      Flag("epochs", \.epochs, atLeast: 0, "How often each image is seen; 0 means 20 for photographs, 8 for drawings."),
      Flag("batch-size", \.batchSize, atLeast: 0, "Images in a batch; 0 means 16 photographs, 8 drawings."),
      Flag("learning-rate", \.learningRate, "The rate of Adam."),
      Flag("seed", \.seed, "Draws weights and order."),
      Flag("experiment", \.experiment, "Whether to train all four networks and compare them."),
      Flag("predict", \.predict, "An image file to be told what it shows, by the network in the job directory."),
    ])

  /// Returns the options that the arguments give, with what they leave open.
  ///
  /// - Throws: `UsageError`.
  static func completed(from given: Command<Options>.Given) throws(UsageError) -> Options {
    var options = try given.applied(to: Options())
    if options.size == 0 { options.size = options.hasPhotographs ? 224 : options.experiment ? 64 : 48 }
    if options.trainSize == 0 { options.trainSize = options.hasPhotographs ? 500 : 200 }
    if options.epochs == 0 { options.epochs = options.hasPhotographs ? 20 : 8 }
    if options.batchSize == 0 { options.batchSize = options.hasPhotographs ? 16 : 8 }
    try UsageError.check(options.size >= CatResNet.leastSize, "--size must be at least \(CatResNet.leastSize)")
    try UsageError.check(
      options.hasPhotographs || max(options.trainSize, options.testSize) <= 4000,
      "--train-size and --test-size must be at most 4000 for drawings")
    return options
  }
}

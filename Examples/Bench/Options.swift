import Espalier

/// What can be said on the command line after the workload.
struct Options: Sendable {
  var model = "resnet20"
  var size = 0
  var batch = 128
  var optimizer = "momentum"
  var threads = 0
  var rounds = 10
  var steps = 5
  var warmup = 3
  var operation = "conv2d"
  var shape = "128x32x32x16"
  var filter = "3x3x16x16"
  var strides = 1
  var dataDir = ""
  var compare = ""
  var python = "python3"
  var json = false

  static let peers = ["tensorflow", "pytorch", "pytorch-compiled"]

  static let command = Command<Options>(
    "example-bench",
    "Measures Espalier, alone or in turns with TensorFlow or PyTorch in the same run. Workloads: "
      + Workload.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ") + ".",
    words: ["workload?"],
    flags: [
      Flag("model", \.model, "The network: resnet8, resnet14, resnet20 … for CIFAR; resnet18, 34, 50 … for ImageNet."),
      Flag(
        "size", \.size, atLeast: 0,
        "Rows and columns of an image; 0 means those that the network was made for, 32 or 224."),
      Flag("batch", \.batch, atLeast: 1, "Images in a batch."),
      Flag("optimizer", \.optimizer, choices: ["momentum", "adam"], "What trains the network."),
      Flag("threads", \.threads, atLeast: 0, "Threads; 0 means one for each core."),
      Flag("rounds", \.rounds, atLeast: 1, "How often each takes its turn."),
      Flag("steps", \.steps, atLeast: 1, "Steps in a turn."),
      Flag("warmup", \.warmup, atLeast: 0, "Steps before the first turn, which are not counted."),
      Flag("op", \.operation, choices: OperationWork.names, "For op: the operation."),
      Flag("shape", \.shape, "For op: the extents of its input, 128x32x32x16."),
      Flag("filter", \.filter, "For op: the extents of a convolution's filter, or a matrix product's other matrix."),
      Flag("strides", \.strides, atLeast: 1, "For op: the strides of a convolution or a pooling."),
      Flag("data-dir", \.dataDir, "For pipeline, estimator: where train.tfrecords is; if none, noise is made up."),
      Flag("compare", \.compare, choices: peers, "Whom to run in turns with."),
      Flag("python", \.python, "For compare: a Python that has it."),
      Flag("json", \.json, "Whether to print one JSON object."),
    ])
}

/// What is measured.
enum Workload: String, CaseIterable {
  case train, infer, predict, op, pipeline, estimator, dispatch, startup, scaling, batches
  case evaluateStart = "evaluate-start"
  case graphBuild = "graph-build"
  case firstStep = "first-step"

  /// What it is, in a few words.
  var summary: String {
    switch self {
    case .train: "training steps on resident images"
    case .infer: "class probabilities of resident images"
    case .predict: "the same from a Predictor, as servers ask for them"
    case .op: "one operation"
    case .pipeline: "records to batches of distorted images"
    case .estimator: "Estimator.train from records, with hooks and summaries, and the bare step"
    case .evaluateStart: "a further call of evaluate, up to its first batch"
    case .dispatch: "a graph of 100 operations on scalars"
    case .graphBuild: "building a network's graph with its gradients"
    case .startup: "from the start of the process to the end of the first training step"
    case .firstStep: "what startup starts: one training step"
    case .scaling: "training on one thread, on all, and beside a busy process"
    case .batches: "training on batches of 32, 128 and 512"
    }
  }

  /// Whether peers do it too.
  var hasPeers: Bool {
    switch self {
    case .train, .infer, .predict, .dispatch, .graphBuild, .startup: true
    case .op, .pipeline, .estimator, .evaluateStart, .scaling, .batches, .firstStep: false
    }
  }

  /// What the scripts of peers call it: they have nothing like a `Predictor` above inference.
  var nameForPeers: String { self == .predict ? Workload.infer.rawValue : rawValue }
}

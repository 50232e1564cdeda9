import EspalierCommandLine
import EspalierGraph

/// The options of the official training program.
///
/// Source: `define_resnet_flags` of `official/resnet/resnet_run_loop.py`.
public struct OfficialOptions: Sendable {
  public var dataDir = "/tmp"
  public var modelDir = "/tmp"
  public var clean = false
  public var trainEpochs = 1
  public var epochsBetweenEvals = 1
  public var stopThreshold: Double?
  public var batchSize = 32
  public var numGpus = 1
  public var hooks = "LoggingTensorHook"
  public var exportDir = ""
  public var distributionStrategy = "default"
  public var interOpParallelismThreads = 0
  public var intraOpParallelismThreads = 0
  public var useSyntheticData = false
  public var maxTrainSteps: Int?
  public var dtype = "fp32"
  public var lossScale: Double?
  public var allReduceAlg = ""
  public var numPacks = 1
  public var tfGpuThreadMode = ""
  public var datasetsNumPrivateThreads = 2
  public var benchmarkLoggerType = "BaseBenchmarkLogger"
  public var benchmarkLogDir = ""
  public var dataFormat = ""
  public var resnetVersion = "1"
  public var resnetSize = "50"
  public var fineTune = false
  public var pretrainedModelCheckpointPath = ""
  public var evalOnly = false
  public var imageBytesAsServingInput = false
  public var useTrainAndEvaluate = false
  public var labelSmoothing = 0.0
  public var weightDecay = 1e-4
  public var enableLars = false
  public var seed = 0

  /// Returns the defaults of the official program.
  public init() {}

  /// What activations are stored in.
  public var dataType: DataType { dtype == "fp16" ? .float16 : .float32 }
  /// What the loss is multiplied with: 128 for half precision, unless said otherwise.
  public var scaleOfLoss: Double { lossScale ?? (dtype == "fp16" ? 128 : 1) }
  /// The order of the axes, if it is said.
  public var axes: DataFormat? {
    switch dataFormat {
    case "channels_first": .nchw
    case "channels_last": .nhwc
    default: nil
    }
  }
  /// The layers and the version as numbers.
  public var size: Int { Int(resnetSize) ?? 0 }
  public var version: Int { Int(resnetVersion) ?? 0 }

  /// Returns the options as a command.
  ///
  /// - Parameters:
  ///   - words: As those of `Command`.
  ///   - sizes: The networks there are, if not any number is one.
  public static func command(
    _ name: String, _ summary: String, words: [String] = [], sizes: [String]? = nil
  ) -> Command<OfficialOptions> {
    Command(name, summary, words: words, flags: files + schedule + network(sizes) + machine + measuring)
  }

  private static let files: [Flag<OfficialOptions>] = [
    Flag("data-dir", \.dataDir, "The folder of the images.").short("dd"),
    Flag("model-dir", \.modelDir, "Where checkpoints and curves go; a repeated command goes on from there.").short(
      "md"),
    Flag("clean", \.clean, "Whether to begin anew: what is in the model directory is deleted."),
    Flag("export-dir", \.exportDir, "Where the trained model goes for serving; none is written without it.").short(
      "ed"),
    Flag("pretrained-model-checkpoint-path", \.pretrainedModelCheckpointPath, "A model to begin with.").short("pmcp"),
  ]

  private static let schedule: [Flag<OfficialOptions>] = [
    Flag("train-epochs", \.trainEpochs, "How many times all images are seen.").short("te"),
    Flag("epochs-between-evals", \.epochsBetweenEvals, "How many times between two evaluations.").short("ebe"),
    Flag("max-train-steps", \.maxTrainSteps, "Steps after which training ends, whatever the epochs.").short("mts"),
    Flag("stop-threshold", \.stopThreshold, "The accuracy at which training ends.").short("st"),
    Flag("batch-size", \.batchSize, "Images in a batch.").short("bs"),
    Flag("eval-only", \.evalOnly, "Whether to evaluate without training."),
    Flag("use-train-and-evaluate", \.useTrainAndEvaluate, "Whether to evaluate after checkpoints, not epochs."),
    Flag("label-smoothing", \.labelSmoothing, "The share of probability that is spread over all classes."),
    Flag("weight-decay", \.weightDecay, "The weight of squared weights in the loss."),
    Flag("fine-tune", \.fineTune, "Whether to train only the last layer.").short("ft"),
    Flag("enable-lars", \.enableLars, "Whether to use the optimizer LARS for large batches."),
    Flag("seed", \.seed, "Draws weights and order; 0 draws differently each time."),
  ]

  private static func network(_ sizes: [String]?) -> [Flag<OfficialOptions>] {
    let help = "The number of layers."
    let size = sizes.map { Flag("resnet-size", \OfficialOptions.resnetSize, choices: $0, help) }
    return [
      (size ?? Flag("resnet-size", \.resnetSize, help)).short("rs"),
      Flag("resnet-version", \.resnetVersion, choices: ["1", "2"], "Which paper the blocks are from.").short("rv"),
      Flag(
        "data-format", \.dataFormat, choices: ["", "channels_first", "channels_last"], "The order of the axes inside."
      ).short("df"),
      Flag("dtype", \.dtype, choices: ["fp32", "fp16"], "What activations are stored in.").short("dt"),
      Flag("loss-scale", \.lossScale, "What the loss is multiplied with for gradients; 128 for fp16.").short("ls"),
      Flag("image-bytes-as-serving-input", \.imageBytesAsServingInput, "Whether the exported model takes JPEG files."),
    ]
  }

  private static let machine: [Flag<OfficialOptions>] = [
    Flag("num-gpus", \.numGpus, "Devices: 0, 1 and -1 (all there are) are this machine's processor.").short("ng"),
    Flag("distribution-strategy", \.distributionStrategy, "How work is shared out among devices.").short("ds"),
    Flag("inter-op-parallelism-threads", \.interOpParallelismThreads, "Kept for compatibility.").short("inter"),
    Flag("intra-op-parallelism-threads", \.intraOpParallelismThreads, "Threads; 0: one a core.").short("intra"),
    Flag("datasets-num-private-threads", \.datasetsNumPrivateThreads, "Threads that prepare images."),
    Flag("tf-gpu-thread-mode", \.tfGpuThreadMode, "What GPUs' threads do; if said, all cores prepare images.")
      .short("gt_mode"),
    Flag("all-reduce-alg", \.allReduceAlg, "Kept for compatibility.").short("ara"),
    Flag("num-packs", \.numPacks, "Kept for compatibility."),
  ]

  private static let measuring: [Flag<OfficialOptions>] = [
    Flag("use-synthetic-data", \.useSyntheticData, "Whether to train on noise: needs no images.").short("synth"),
    Flag("hooks", \.hooks, "What watches training, separated by commas: \(TrainHooks.names.joined(separator: ", "))")
      .short("hk"),
    Flag(
      "benchmark-logger-type", \.benchmarkLoggerType, choices: ["BaseBenchmarkLogger", "BenchmarkFileLogger"],
      "Where measurements go: the log, or files."
    ).short("blt"),
    Flag("benchmark-log-dir", \.benchmarkLogDir, "The folder of these files.").short("bld"),
  ]
}

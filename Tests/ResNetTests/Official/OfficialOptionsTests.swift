import EspalierCommandLine
import EspalierResNet
import Testing

/// The options of the official programs: names, short names and defaults.
@Suite struct OfficialOptionsTests {
  private let command = OfficialOptions.command("train", "Trains.")

  private func options(_ arguments: String...) throws -> OfficialOptions {
    try command.parse(arguments).applied(to: OfficialOptions())
  }

  @Test func allOfTheOfficialOnesAreThere() {
    let help = command.help(defaults: [("default", OfficialOptions())])
    let names = [
      "data_dir", "model_dir", "clean", "train_epochs", "epochs_between_evals", "stop_threshold", "batch_size",
      "num_gpus", "hooks", "export_dir", "distribution_strategy", "inter_op_parallelism_threads",
      "intra_op_parallelism_threads", "use_synthetic_data", "max_train_steps", "dtype", "loss_scale", "all_reduce_alg",
      "num_packs", "tf_gpu_thread_mode", "datasets_num_private_threads", "benchmark_logger_type", "benchmark_log_dir",
      "data_format", "resnet_version", "fine_tune", "pretrained_model_checkpoint_path", "eval_only",
      "image_bytes_as_serving_input", "use_train_and_evaluate", "label_smoothing", "weight_decay", "resnet_size",
      "enable_lars",
    ]
    for name in names { #expect(help.contains("--" + name.replacing("_", with: "-")), "\(name)") }
  }

  @Test func shortNamesAndUnderscoresAreUnderstood() throws {
    let short = try options(
      "-dd", "d", "-md", "m", "-te", "3", "-ebe", "2", "-st", "0.9", "-bs", "16", "-ng", "0", "-hk", "ProfilerHook",
      "-ed",
      "e", "-ds", "one_device", "-synth", "-mts", "5", "-dt", "fp16", "-ls", "64", "-rv", "2", "-ft", "-pmcp", "p",
      "-rs",
      "18")
    let long = try options(
      "--data_dir=d", "--model_dir", "m", "--train_epochs=3", "--epochs_between_evals=2", "--stop_threshold=0.9",
      "--batch_size=16", "--num_gpus=0", "--hooks=ProfilerHook", "--export_dir=e", "--distribution_strategy=one_device",
      "--use_synthetic_data", "--max_train_steps=5", "--dtype=fp16", "--loss_scale=64", "--resnet_version=2",
      "--fine_tune", "--pretrained_model_checkpoint_path=p", "--resnet_size=18")
    for options in [short, long] {
      #expect(options.dataDir == "d" && options.modelDir == "m" && options.exportDir == "e")
      #expect(options.trainEpochs == 3 && options.epochsBetweenEvals == 2 && options.batchSize == 16)
      #expect(options.stopThreshold == 0.9 && options.numGpus == 0 && options.hooks == "ProfilerHook")
      #expect(options.useSyntheticData && options.fineTune && options.maxTrainSteps == 5)
      #expect(options.dataType == .float16 && options.scaleOfLoss == 64)
      #expect(options.version == 2 && options.size == 18 && options.pretrainedModelCheckpointPath == "p")
      #expect(options.distributionStrategy == "one_device")
    }
  }

  @Test func defaultsAreTheOfficialOnes() throws {
    let options = OfficialOptions()
    #expect(options.dataDir == "/tmp" && options.modelDir == "/tmp" && options.exportDir.isEmpty)
    #expect(options.trainEpochs == 1 && options.epochsBetweenEvals == 1 && options.batchSize == 32)
    #expect(options.stopThreshold == nil && options.maxTrainSteps == nil && options.numGpus == 1)
    #expect(options.hooks == "LoggingTensorHook" && options.dtype == "fp32" && options.numPacks == 1)
    #expect(options.resnetVersion == "1" && options.resnetSize == "50")
    #expect(options.labelSmoothing == 0 && options.weightDecay == 1e-4 && options.scaleOfLoss == 1)
    var half = options
    half.dtype = "fp16"
    #expect(half.scaleOfLoss == 128)
    let cifar = OfficialCifar10.defaults
    #expect(cifar.dataDir == "/tmp/cifar10_data/cifar-10-batches-bin" && cifar.modelDir == "/tmp/cifar10_model")
    #expect(cifar.resnetSize == "56" && cifar.trainEpochs == 182 && cifar.epochsBetweenEvals == 10)
    #expect(cifar.batchSize == 128)
  }

  @Test func sizesCanBeAChoice() throws {
    let command = OfficialOptions.command("train", "Trains.", sizes: ["18", "50"])
    #expect(try command.parse(["-rs", "50"]).applied(to: OfficialOptions()).size == 50)
    #expect(throws: UsageError("--resnet-size must be one of 18, 50, not '20'")) {
      try command.parse(["-rs", "20"]).applied(to: OfficialOptions())
    }
  }
}

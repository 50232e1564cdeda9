import EspalierEstimator
import EspalierExecutor
import EspalierGraph
import EspalierResNet
import TestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What hooks chosen by name take down, and what the official program does about threads.
@Suite struct TrainHookTests {
  /// Keeps what it is told.
  private final class Notes: BenchmarkLogger {
    private(set) var steps: [String: [Int]] = [:]

    override func log(
      _ name: String, _ value: Double, unit: String?, globalStep: Int?, extras: [String: String]
    ) throws {
      #expect(value.isFinite)
      steps[name, default: []].append(try #require(globalStep))
    }
  }

  private func notes(of hooks: String, steps: Int) throws -> Notes {
    try withTemporaryDirectory { directory in
      let notes = Notes()
      var options = OfficialCifar10.defaults
      options.resnetSize = "8"
      let estimator = try Estimator(
        modelFn: OfficialCifar10.module.modelFunction, config: RunConfig(modelDir: directory), params: options)
      let watching = try TrainHooks.named(
        hooks, modelDir: directory, batchSize: 2, logger: notes, everyNSteps: 2)
      _ = try Logging.withSink({ _, _ in }) {
        try estimator.train(
          inputFn: {
            try OfficialResNet.synthInputFn(height: 32, width: 32, channels: 3, classCount: 10, batchSize: 2)
          }, hooks: watching, steps: steps)
      }
      return notes
    }
  }

  @Test func speedsAreTakenDownAfterWarmingUp() throws {
    // Steps up to 5 warm up, and a speed is known from the second time on.
    #expect(
      try notes(of: "ExamplesPerSecondHook", steps: 11).steps
        == ["average_examples_per_sec": [8, 10], "current_examples_per_sec": [8, 10]])
  }

  @Test func metricsAreTakenDownInTheFirstStep() throws {
    #expect(
      try notes(of: "loggingmetrichook", steps: 3).steps
        == ["cross_entropy": [1], "learning_rate": [1], "train_accuracy": [1]])
  }

  @Test func coresAreSharedOut() {
    var options = OfficialOptions()
    options.tfGpuThreadMode = "gpu_private"
    func shareOut(cores: Int, gpuCount: Int) {
      let silence: @Sendable (Logging.Level, String) -> Void = { _, _ in }
      Logging.withSink(silence) { options.shareOutThreads(cores: cores, gpuCount: gpuCount) }
    }
    shareOut(cores: 8, gpuCount: 2)
    #expect(options.interOpParallelismThreads == 6 && options.datasetsNumPrivateThreads == 2)
    #expect(getenv("TF_GPU_THREAD_MODE").map { String(cString: $0) } == "gpu_private")
    #expect(getenv("TF_GPU_THREAD_COUNT").map { String(cString: $0) } == "1")
    shareOut(cores: 4, gpuCount: 0)
    #expect(options.interOpParallelismThreads == 4 && options.datasetsNumPrivateThreads == 4)
    shareOut(cores: 2, gpuCount: 1)
    #expect(options.datasetsNumPrivateThreads == 1)
  }
}

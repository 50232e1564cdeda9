import Espalier

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Trains a small model that would notice any state that is lost: for tests that kill it at random moments.
///
///     crash-trainer <model directory> <last step>
@main
enum CrashTrainer {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let lastStep = Int(arguments[2]) else {
      throw EstimatorError.invalidArgument("usage: crash-trainer <model directory> <last step>")
    }
    let config = try RunConfig(
      modelDir: arguments[1], tfRandomSeed: 3, saveSummarySteps: 10, saveCheckpointsSteps: 5, keepCheckpointMax: 2,
      logStepCountSteps: 10, savesOnSignals: true)
    do {
      try Estimator(modelFn: modelFn, config: config).train(inputFn: inputFn, maxSteps: lastStep)
    } catch let error as EstimatorError {
      Logging.error("\(error)")
      exit(error.exitCode)
    }
  }

  private static let batchSize = 8
  private static let width = 16

  /// Shuffled and augmented without end, by several threads.
  private static func inputFn() throws -> Dataset<Sample> {
    Dataset.range(0..<100).shuffled(buffer: 30, seed: 11).repeated()
      .map(threads: 2, seed: 12) { index, random in
        let values = (0..<width).map { place in
          Float((place * 7 + index * 3) % 11) / 11 + Float.random(in: 0..<0.1, using: &random)
        }
        return Sample(features: HostTensor(values), labels: HostTensor(Float(index % 5)))
      }
      .batched(batchSize).prefetched(2)
  }

  /// A layer with noise, a moving mean and an optimizer with slots.
  private static func modelFn(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys
  ) throws -> EstimatorSpec {
    guard let x = features.only, let y = labels?.only else {
      throw EstimatorError.invalidArgument("one feature and one label are expected")
    }
    let weights = getVariable("weights", shape: [width]).tensor
    let noise = randomUniform([batchSize, width], minimum: 0.5, maximum: 1.5)
    let mean = getVariable("mean", shape: [], initializer: Initializers.zeros, trainable: false).variable
    let sums = reduceSum(x * noise * weights, axes: [1])
    let centre = mean.assignAdd((reduceMean(sums) - mean.value) * 0.1)
    let loss = reduceMean(square(sums - y)) + 0.01 * centre
    let optimizer = AdamOptimizer(learningRate: 0.01)
    let trainOp = try optimizer.minimize(loss, globalStep: try getOrCreateGlobalStep())
    return try EstimatorSpec(mode: mode, loss: loss, trainOp: trainOp)
  }
}

import Espalier
import Foundation

/// Trains ResNet on CIFAR-10 through the Estimator: `swift run example-cifar10`.
@main
struct Cifar10 {
  static func main() {
    let presets: [(title: String, options: Options)] = [("quick", .quick), ("tutorial", Options())]
    CommandLineProgram(Options.command, presets: presets, subcommands: [.generate]) { given in
      let options = try Options.chosen(by: given)
      Logging.format = options.logFormat
      try train(options)
    }.run()
  }

  /// Trains up to `trainSteps`, then evaluates on the test images and prints what came out.
  private static func train(_ options: Options) throws {
    try prepareRecords(in: options.dataDir, draws: options.preset == .quick)
    let config = try RunConfig(
      modelDir: options.jobDir, tfRandomSeed: options.seed == 0 ? nil : options.seed,
      saveCheckpointsSteps: options.saveCheckpointsSteps == 0 ? nil : options.saveCheckpointsSteps,
      logStepCountSteps: options.logEverySteps,
      sessionThreads: options.numIntraThreads == 0 ? nil : options.numIntraThreads, savesOnSignals: true,
      logDevicePlacement: options.logDevicePlacement)
    let classifier = try Estimator(modelFn: residualModel, config: config, params: options)
    let results = try trainAndEvaluate(
      classifier,
      TrainSpec(inputFn: input(.train, batchSize: options.trainBatchSize, options), maxSteps: options.trainSteps),
      EvalSpec(inputFn: input(.eval, batchSize: options.evalBatchSize, options), steps: nil))
    guard let results else { return }
    let accuracy = (results["accuracy"] ?? .nan) * 100
    print(String(format: "accuracy on the test images: %.2f %% after %d steps", accuracy, results.globalStep))
    print("checkpoint: \(options.jobDir)/model.ckpt-\(results.globalStep)")
    print("curves: \(options.jobDir)/report.html, or tensorboard --logdir \(options.jobDir)")
  }

  /// Returns the input function of a subset: its batches, each dealt out to the towers.
  private static func input(_ subset: Cifar10Dataset.Subset, batchSize: Int, _ options: Options) -> InputFn {
    {
      Cifar10Dataset(dataDir: options.dataDir, subset: subset, useDistortion: options.useDistortionForTraining)
        .batches(of: batchSize, seed: options.seed == 0 ? nil : UInt64(bitPattern: Int64(options.seed)))
        .map { try $0.dealt(to: options.towers.count) }
        .prefetched(2)
    }
  }
}

import Espalier
import Foundation

/// Trains ResNet on CIFAR-10 through the Estimator: `swift run example-cifar10`.
@main
struct Cifar10 {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    CommandLineProgram.run("example-cifar10") {
      if arguments.first == "generate" { return try GenerateTFRecords.run(Array(arguments.dropFirst())) }
      guard let options = try Options.parse(Array(arguments)) else {
        return print(Options.command.help(defaults: [("quick", .quick), ("tutorial", .tutorial)]))
      }
      Logging.format = Logging.Format(rawValue: options.logFormat) ?? .text
      try train(options)
    }
  }

  /// Trains up to `trainSteps`, then evaluates on the test images and prints what came out.
  private static func train(_ options: Options) throws {
    try GenerateTFRecords.prepare(options.dataDir, draws: options.preset == "quick")
    var config = try RunConfig(
      modelDir: options.jobDir, tfRandomSeed: options.seed == 0 ? nil : options.seed,
      saveCheckpointsSteps: options.saveCheckpointsSteps == 0 ? nil : options.saveCheckpointsSteps,
      savesOnSignals: true)
    if options.numIntraThreads > 0 { config.sessionThreads = options.numIntraThreads }
    config.logStepCountSteps = options.logEverySteps

    let classifier = try Estimator(modelFn: residualModel, config: config, params: options)
    let seed = options.seed == 0 ? nil : UInt64(bitPattern: Int64(options.seed))
    let trainInput = {
      try inputFunction(
        dataDir: options.dataDir, subset: "train", shards: options.towers.count, batchSize: options.trainBatchSize,
        useDistortion: options.useDistortionForTraining, seed: seed)
    }
    let evalInput = {
      try inputFunction(
        dataDir: options.dataDir, subset: "eval", shards: options.towers.count, batchSize: options.evalBatchSize)
    }
    let results = try trainAndEvaluate(
      classifier, TrainSpec(inputFn: trainInput, maxSteps: options.trainSteps),
      EvalSpec(inputFn: evalInput, steps: nil))
    if let results { report(results, options) }
  }

  private static func report(_ results: EvaluationResult, _ options: Options) {
    let accuracy = (results["accuracy"] ?? .nan) * 100
    let step = results.globalStep
    print(String(format: "accuracy on the test images: %.2f %% after %d steps", accuracy, step))
    print("checkpoint: \(options.jobDir)/model.ckpt-\(step)")
    print("curves: \(options.jobDir)/report.html, or tensorboard --logdir \(options.jobDir)")
  }
}

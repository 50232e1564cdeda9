import Espalier
import Foundation

/// Trains ResNet on CIFAR-10 through the Estimator: `swift run example-cifar10`.
@main
struct Cifar10 {
  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if arguments.first == "generate" {
        arguments.removeFirst()
        try GenerateTFRecords.run(arguments)
      } else if let options = try Options.parse(arguments) {
        Logging.format = Logging.Format(rawValue: options.logFormat) ?? .text
        try train(options)
      } else {
        print(Options.command.help(defaults: [("quick", .quick), ("tutorial", .tutorial)]))
      }
    } catch {
      FileHandle.standardError.write(Data("example-cifar10: \(error)\n".utf8))
      exit(ExitStatus.of(error))
    }
  }

  /// Trains up to `trainSteps`, then evaluates on the test images and prints what came out.
  private static func train(_ options: Options) throws {
    try prepareData(options)
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

  /// Makes TFRecords where there are none: from the archive, or from drawings in its format.
  private static func prepareData(_ options: Options) throws {
    let missing = GenerateTFRecords.subsets.map(\.name).filter {
      !FileManager.default.fileExists(atPath: "\(options.dataDir)/\($0).tfrecords")
    }
    if missing.isEmpty { return }
    if !GenerateTFRecords.hasArchive(in: options.dataDir) {
      guard options.preset == "quick" else {
        throw DataError(
          "\(options.dataDir) holds neither CIFAR-10's TFRecords nor its archive; "
            + "`example-cifar10 generate --data-dir \(options.dataDir) --download` fetches it")
      }
      print("No CIFAR-10 archive in \(options.dataDir): drawing a stand-in of ten kinds of shapes in its format.")
      try GenerateTFRecords.drawArchive(in: options.dataDir)
    }
    try GenerateTFRecords.convert(options.dataDir)
  }
}

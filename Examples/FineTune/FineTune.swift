import Espalier
import ExampleDrawings
import Foundation

/// Trains a classifier of images from the weights of another training: `swift run example-finetune`.
@main
struct FineTune {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    CommandLineProgram.run("example-finetune") {
      if arguments.first == "make-records" { return try MakeRecords.run(Array(arguments.dropFirst())) }
      let given = try Options.command.parse(arguments)
      if given.wantsHelp { return print(Options.command.help(defaults: [("default", Options())])) }
      let options = try given.applied(to: Options())
      try options.isTrial ? tryOut(given) : train(options)
    }
  }

  /// Trains, evaluates and exports.
  private static func train(_ options: Options) throws {
    guard options.unitCounts.count == 4 else { throw UsageError("--units must be four numbers") }
    guard options.batchSize > 0, options.inputSize > 0, options.numSteps > 0, options.numClasses > 0 else {
      throw UsageError("--batch-size, --input-size, --num-steps and --num-classes must be positive")
    }
    guard !options.valRecordPath.isEmpty else { throw UsageError("--val-record-path must say where the records are") }
    let config = try RunConfig(
      modelDir: options.modelDir, tfRandomSeed: options.seed, saveCheckpointsSteps: options.saveCheckpointsSteps,
      savesOnSignals: true)
    let estimator = try Estimator(modelFn: createModel, config: config, params: options)
    let result = try trainAndEvaluate(
      estimator,
      TrainSpec(
        inputFn: createInput(options.trainRecordPath, epochs: 0, isTraining: true, options: options),
        maxSteps: options.numSteps),
      EvalSpec(
        inputFn: createInput(options.valRecordPath, epochs: 1, isTraining: false, options: options), steps: nil,
        exporters: [FinalExporter("servo", servingInput: createPredictInput(options))], throttleSecs: 0))
    guard let result else { return print("\(options.modelDir) has reached step \(options.numSteps) already.") }
    print(String(format: "accuracy: %.2f %% after %d steps", (result["Accuracy"] ?? .nan) * 100, result.globalStep))
    print("for serving: \(options.modelDir)/export/servo")
  }

  /// Trains a small network on drawings, then on others from its weights, with its first stages frozen.
  private static func tryOut(_ given: Command<Options>.Given) throws {
    var options = Options()
    options.units = "1,1,1,1"
    options.baseDepth = 16
    options.inputSize = 48
    options.batchSize = 16
    options.numSteps = 150
    // So few steps would leave most of the moving statistics where they began.
    options.batchNormDecay = 0.9
    options.saveCheckpointsSteps = 150
    options.learningRate = 0.01
    options = try given.applied(to: options)
    let jobs = options.modelDir
    for (name, first) in [("many", 1), ("few", 501)] {
      let count = name == "many" ? 200 : 40
      try drawRecords("data/drawn-records/\(name)", first: first, count: count)
    }
    options.trainRecordPath = "data/drawn-records/many/train.record"
    options.valRecordPath = "data/drawn-records/many/val.record"
    options.modelDir = jobs + "/pretrained"
    print("From nothing, on 400 drawings:")
    try train(options)
    options.trainRecordPath = "data/drawn-records/few/train.record"
    options.checkpointPath = options.modelDir
    options.scopesToFreeze = "resnet_v1_50/conv1,resnet_v1_50/block1"
    options.modelDir = jobs + "/tuned"
    options.numSteps = max(1, options.numSteps / 3)
    options.learningRate /= 4
    print("From these weights, with the first stage frozen, on 80 others:")
    try train(options)
  }

  private static func drawRecords(_ folder: String, first: Int, count: Int) throws {
    if FileManager.default.fileExists(atPath: folder + "/val.record") { return }
    let drawings = Drawings(path: folder + "/images")
    try drawings.draw(trainNumbers: Array(first..<first + count), testNumbers: Array(4001...4050), size: 64)
    for (part, name) in [("training_set", "train"), ("test_set", "val")] {
      _ = try Slim.writeRecords(ofImagesIn: "\(drawings.path)/\(part)", to: "\(folder)/\(name).record")
    }
  }
}

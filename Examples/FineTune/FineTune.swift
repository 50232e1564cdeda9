import Espalier
import ExampleDrawings
import Foundation

/// Trains a classifier of images from the weights of another training: `swift run example-finetune`.
@main
struct FineTune {
  static func main() {
    CommandLineProgram(Options.command, defaults: Options(), subcommands: [.makeRecords]) { given in
      let options = try given.applied(to: Options())
      // Without records, a small network learns drawings, twice.
      try options.trainRecordPath.isEmpty ? tryOut(given) : train(options)
    }.run()
  }

  /// Trains, evaluates and exports.
  private static func train(_ options: Options) throws {
    try UsageError.check(options.units.count == 4, "--units must be four numbers")
    try UsageError.check(!options.valRecordPath.isEmpty, "--val-record-path must say where the records are")
    let config = try RunConfig(
      modelDir: options.modelDir, tfRandomSeed: options.seed, saveCheckpointsSteps: options.saveCheckpointsSteps,
      savesOnSignals: true)
    let estimator = try Estimator(modelFn: createModel, config: config, params: options)
    let trainInput = createInput(options.trainRecordPath, epochs: 0, isTraining: true, options: options)
    let evalInput = createInput(options.valRecordPath, epochs: 1, isTraining: false, options: options)
    let exporter = FinalExporter("servo", servingInput: createPredictInput(options))
    let result = try trainAndEvaluate(
      estimator, TrainSpec(inputFn: trainInput, maxSteps: options.numSteps),
      EvalSpec(inputFn: evalInput, steps: nil, exporters: [exporter], throttleSecs: 0))
    guard let result else { return print("\(options.modelDir) has reached step \(options.numSteps) already.") }
    print(String(format: "accuracy: %.2f %% after %d steps", (result["Accuracy"] ?? .nan) * 100, result.globalStep))
    print("for serving: \(options.modelDir)/export/servo")
  }

  /// Trains a small network on drawings, then on others from its weights, with its first stages frozen.
  private static func tryOut(_ given: Command<Options>.Given) throws {
    var options = Options()
    options.units = [1, 1, 1, 1]
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
    try drawRecords("data/drawn-records/many", numbers: 1...200)
    try drawRecords("data/drawn-records/few", numbers: 501...540)
    options.trainRecordPath = "data/drawn-records/many/train.record"
    options.valRecordPath = "data/drawn-records/many/val.record"
    options.modelDir = jobs + "/pretrained"
    print("From nothing, on 400 drawings:")
    try train(options)
    options.trainRecordPath = "data/drawn-records/few/train.record"
    options.checkpointPath = options.modelDir
    options.scopesToFreeze = ["resnet_v1_50/conv1", "resnet_v1_50/block1"]
    options.modelDir = jobs + "/tuned"
    options.numSteps = max(1, options.numSteps / 3)
    options.learningRate /= 4
    print("From these weights, with the first stage frozen, on 80 others:")
    try train(options)
  }

  private static func drawRecords(_ folder: String, numbers: ClosedRange<Int>) throws {
    if Files.exist(at: folder + "/val.record") { return }
    let drawings = Drawings(path: folder + "/images")
    try drawings.draw(trainNumbers: Array(numbers), testNumbers: Array(4001...4050), size: 64)
    for (part, name) in [("training_set", "train"), ("test_set", "val")] {
      _ = try Slim.writeRecords(ofImagesIn: "\(drawings.path)/\(part)", to: "\(folder)/\(name).record")
    }
  }
}

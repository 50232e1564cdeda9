import Espalier
import Foundation

/// Trains TensorFlow's official residual networks: `swift run example-resnet cifar10 --data-dir data/cifar10-bin`.
@main
struct ResNetExample {
  private static let summary =
    "Trains an official residual network. The first word is the data set, cifar10 or imagenet; without it, the number "
    + "of layers says which. Without any option, a small network learns noise for a minute."

  static func main() {
    let command = OfficialOptions.command("example-resnet", summary, words: ["cifar10|imagenet?"])
    CommandLineProgram(
      command, presets: [("cifar10", OfficialCifar10.defaults), ("imagenet", OfficialImagenet.defaults)], body: run
    ).run()
  }

  private static func run(_ given: Command<OfficialOptions>.Given) throws {
    let size = try given.applied(to: OfficialOptions()).size
    switch given.words.first {
    case "imagenet": try train(OfficialImagenet.module, given.applied(to: OfficialImagenet.defaults))
    case "cifar10": try train(OfficialCifar10.module, given.applied(to: OfficialCifar10.defaults))
    case nil where given.isEmpty: try train(OfficialCifar10.module, noise)
    case nil where given.has("resnet-size") && ImagenetModel.blockSizes[size] == nil:
      try train(OfficialCifar10.module, given.applied(to: OfficialCifar10.defaults))
    case nil: try train(OfficialImagenet.module, given.applied(to: OfficialImagenet.defaults))
    case let word?: throw UsageError("there is no data set '\(word)': cifar10 and imagenet are there")
    }
  }

  /// A short training that needs no images.
  private static var noise: OfficialOptions {
    var options = OfficialCifar10.defaults
    options.useSyntheticData = true
    options.resnetSize = "8"
    options.batchSize = 32
    options.maxTrainSteps = 100
    options.modelDir = "jobs/resnet-noise"
    options.clean = true
    return options
  }

  private static func train(_ module: OfficialModule, _ options: OfficialOptions) throws {
    let result = try OfficialResNet.run(module, options)
    guard let evaluation = result.evaluation else { return print("Nothing was left to do in \(options.modelDir).") }
    let accuracy = (evaluation["accuracy"] ?? .nan) * 100
    print(String(format: "%@: accuracy %.2f %% after %d steps", module.name, accuracy, evaluation.globalStep))
    print("checkpoints and curves: tensorboard --logdir \(options.modelDir)")
  }
}

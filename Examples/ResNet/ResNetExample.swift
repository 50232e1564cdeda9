import Espalier
import Foundation

/// Trains TensorFlow's official residual networks: `swift run example-resnet cifar10 --data-dir data/cifar10-bin`.
@main
struct ResNetExample {
  private static let summary =
    "Trains an official residual network. The first word is the data set, cifar10 or imagenet; without it, the number "
    + "of layers says which. Without any option, a small network learns noise for a minute."

  static func main() {
    CommandLineProgram.run("example-resnet") { try run(Array(CommandLine.arguments.dropFirst())) }
  }

  private static func run(_ arguments: [String]) throws {
    var rest = arguments
    var word = ""
    if let first = rest.first, !first.hasPrefix("-") { word = rest.removeFirst() }
    let command = OfficialOptions.command("example-resnet [cifar10|imagenet]", summary)
    let given = try command.parse(rest)
    if given.wantsHelp {
      let defaults = [("cifar10", OfficialCifar10.defaults), ("imagenet", OfficialImagenet.defaults)]
      return print(command.help(defaults: defaults.map { (title: $0.0, options: $0.1) }))
    }
    let size = try given.applied(to: OfficialOptions()).size
    switch word {
    case "imagenet": try train(OfficialImagenet.module, given.applied(to: OfficialImagenet.defaults))
    case "cifar10": try train(OfficialCifar10.module, given.applied(to: OfficialCifar10.defaults))
    case "" where arguments.isEmpty: try train(OfficialCifar10.module, noise)
    case "" where given.has("resnet-size") && ImagenetModel.blockSizes[size] == nil:
      try train(OfficialCifar10.module, given.applied(to: OfficialCifar10.defaults))
    case "": try train(OfficialImagenet.module, given.applied(to: OfficialImagenet.defaults))
    default: throw UsageError("there is no data set '\(word)': cifar10 and imagenet are there")
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

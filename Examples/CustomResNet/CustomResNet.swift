import Espalier

// A network and a data set of one's own in the official training loop, in three steps: `swift run example-custom-resnet`.

/// Step 1: the network. A subclass chooses blocks and sizes; this one has two stages for images of 16 × 16.
final class TinyModel: OfficialResNetModel {
  init(version: Int) throws(ResNetError) {
    try super.init(
      resnetSize: 10, bottleneck: false, classCount: 3, filterCount: 16, kernelSize: 3, convStride: 1, firstPool: nil,
      blockSizes: [2, 2], blockStrides: [1, 2], resnetVersion: version)
  }
}

/// Step 2: the input. A stripe that lies, stands or leans, somewhere in noise.
func stripes(isTraining: Bool, epochs: Int?, options: OfficialOptions) -> Dataset<Sample> {
  let numbers = Dataset.range(isTraining ? 0..<1024 : 1024..<1280)
  return (isTraining ? numbers.shuffled(buffer: 1024, seed: 7) : numbers).repeated(epochs)
    .map { number in try stripe(number) }
    .batched(options.batchSize)
}

func stripe(_ number: Int) throws -> Sample {
  var random = ElementRandom(seed: 3, element: number)
  let kind = number % 3
  let place = Int.random(in: 4..<12, using: &random)
  let pixels = (0..<16 * 16).map { index -> Float in
    let (row, column) = (index / 16, index % 16)
    let distance = [row - place, column - place, row + column - place - 8][kind]
    return (abs(distance) < 2 ? 1 : 0) + Float.random(in: -0.5...0.5, using: &random)
  }
  return Sample(features: try HostTensor(pixels, shape: [16, 16, 1]), labels: HostTensor(Int32(kind)))
}

/// Step 3: the model function. What the loop does by default, with a loss of one's own: here with smoothed labels.
func model(
  features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, options: OfficialOptions
) throws -> EstimatorSpec {
  let rate = LearningRateWithDecay(
    batchSize: options.batchSize, batchDenominator: 128, imageCount: 1024, boundaryEpochs: [4], decayRates: [1, 0.1],
    baseRate: 0.2)
  var training = OfficialTraining(model: try TinyModel(version: options.version), weightDecay: 1e-4) { rate($0) }
  training.labelSmoothing = 0.1
  return try training.modelFn(features: features, labels: labels, mode: mode)
}

@main
struct CustomResNet {
  static func main() {
    var options = OfficialOptions()
    options.modelDir = "jobs/stripes"
    options.trainEpochs = 6
    options.epochsBetweenEvals = 3
    let command = OfficialOptions.command("example-custom-resnet", "Learns which way a stripe runs.")
    CommandLineProgram(command, defaults: options) { [options] given in
      let module = OfficialModule(
        name: "stripes", imageShape: [16, 16, 1], classCount: 3, imageCount: 1024, modelFunction: model,
        inputFunction: stripes)
      let result = try OfficialResNet.run(module, given.applied(to: options))
      print("accuracy: \(result.evaluation?["accuracy"] ?? .nan)")
    }.run()
  }
}

import Espalier

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The side of Espalier in the test of interoperability: does what `judge.py`, the side of TensorFlow, asks for.
@main
enum Partner {
  private static let usage = """
    usage: interoperability-partner train <model directory> <last step>
           interoperability-partner evaluate <model directory>
           interoperability-partner export <model directory> <base directory>
           interoperability-partner write <directory>
    """

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Logging.error("\(error)")
      exit((error as? EstimatorError)?.exitCode ?? 1)
    }
  }

  private static func run(_ words: [String]) throws {
    switch (words.first, words.count) {
    case ("train", 3):
      guard let last = Int(words[2]) else { throw UsageError(usage) }
      try Network.estimator(words[1]).train(
        inputFn: { try Network.input() }, hooks: [PrintLossHook()], maxSteps: last)
    case ("evaluate", 2):
      let result = try Network.estimator(words[1]).evaluate(inputFn: { try Network.input(passes: 1) })
      print("loss \(result.globalStep) \(result["loss"] ?? .nan)")
      print("accuracy \(result.globalStep) \(result["accuracy"] ?? .nan)")
    case ("export", 3): try export(words[1], to: words[2])
    case ("write", 2): try Files.write(to: words[1])
    default: throw UsageError(usage)
    }
  }

  /// Exports the model with each kind of entrance, and prints where each is and what is predicted.
  private static func export(_ directory: String, to base: String) throws {
    let estimator = try Network.estimator(directory)
    let shape = Network.imageShape
    let entrances: [(name: String, input: ServingInputFn)] = [
      ("raw", ServingInput.raw(["image": (.float32, Shape([nil] + shape))])),
      ("parsing", ServingInput.parsing(["image": .fixedLength(shape: shape, .float32)])),
      ("tensor", ServingInput.tensor(.float32, shape: Shape([nil] + shape))),
      ("image_bytes", ServingInput.imageBytes(shape: shape)),
    ]
    for (name, input) in entrances {
      print("\(name) \(try estimator.exportSavedModel(to: "\(base)/\(name)", servingInput: input))")
    }
    print("text \(try estimator.exportSavedModel(to: base + "/text", servingInput: entrances[0].input, asText: true))")
    let supervised = try ServingInput.supervised(like: { try Network.input(passes: 1) })
    let modes = try estimator.exportAllSavedModels(
      to: base + "/modes",
      inputs: [.train: supervised, .evaluate: supervised, .predict: entrances[0].input])
    print("modes \(modes)")
    let predictions = try estimator.predict(
      inputFn: { try Network.input(passes: 1) }, yieldSingleExamples: false
    ).collected()
    for (key, value) in predictions.first ?? [:] { try NumpyFile.write(value, to: "\(base)/\(key).npy") }
  }
}

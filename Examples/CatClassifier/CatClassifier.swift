import Espalier
import ExampleDrawings
import Foundation

/// Tells cats from dogs: `swift run example-cat-classifier`.
@main
struct CatClassifier {
  static func main() {
    do {
      guard let options = try Options.parse(Array(CommandLine.arguments.dropFirst())) else {
        return print(Options.command.help(defaults: [("default", Options())]))
      }
      if !options.predict.isEmpty { return try predict(options) }
      try prepareImages(options)
      try options.experiment ? Experiment(options).run() : train(options)
    } catch {
      FileHandle.standardError.write(Data("example-cat-classifier: \(error)\n".utf8))
      exit(error is UsageError ? UsageError.status : error is DataError ? 66 : 70)
    }
  }

  private static func prepareImages(_ options: Options) throws {
    let folder = options.folder
    if folder.exists { return }
    if options.hasPhotographs { throw DataError("\(folder.path)/training_set is not there") }
    print("Drawing \(options.trainSize + options.testSize) cats and as many dogs in \(folder.path).")
    try Drawings(path: folder.path).draw(
      trainNumbers: 1..<options.trainSize + 1, testNumbers: 4001..<options.testSize + 4001, size: 96)
  }

  /// Trains, goes on if it was interrupted, and tells how many of the test images come out right.
  private static func train(_ options: Options) throws {
    let train = try options.folder.examples("training_set", count: options.trainSize, size: options.size)
    let test = try options.folder.examples("test_set", count: options.testSize, size: options.size)
    print("\(options.network): training images \(train.images.shape), test images \(test.images.shape)")
    let model = try compiledModel(options.network, options)
    print(model.summary())
    let done = try model.restore(from: options.jobDir)
    if done > 0 { print("Going on after epoch \(done) in \(options.jobDir).") }
    try model.fit(
      train.images, train.labels, epochs: options.epochs, batchSize: options.batchSize,
      callbacks: [Keras.ModelCheckpoint(options.jobDir), Keras.TensorBoard(logDir: options.jobDir)],
      validationData: (test.images, test.labels), initialEpoch: done)
    let results = try model.evaluate(test.images, test.labels)
    print(String(format: "accuracy on the test images: %.2f %%", results[1] * 100))
    print("curves: tensorboard --logdir \(options.jobDir)")
    let shortcut = options.shortcut ? "" : " --no-shortcut"
    print(
      "your own image: example-cat-classifier --predict FILE --job-dir \(options.jobDir) --model \(options.model) "
        + "--size \(options.size)\(shortcut)")
  }

  static func compiledModel(_ network: CatResNet, _ options: Options) throws -> Keras.Model {
    let model = try network.model(inputShape: [options.size, options.size, 3], seed: options.seed)
    try model.compile(
      optimizer: .adam(learningRate: options.learningRate), loss: .binaryCrossentropy, metrics: [.accuracy])
    return model
  }

  /// Says what an image file shows.
  private static func predict(_ options: Options) throws {
    let model = try compiledModel(options.network, options)
    guard try model.restore(from: options.jobDir) > 0 else {
      throw DataError("\(options.jobDir) holds no checkpoint: train first, with the same options")
    }
    let image = try ImageFolder.image(options.predict, size: options.size)
    let isDog = try model.predict(image.reshaped([1] + image.shape)).doubles()[0]
    let (kind, share) = isDog > 0.5 ? ("dog", isDog) : ("cat", 1 - isDog)
    print(String(format: "%@: %@ (%.1f %%)", options.predict, kind, share * 100))
  }
}

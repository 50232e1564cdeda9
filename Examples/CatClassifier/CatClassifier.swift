import Espalier
import ExampleDrawings
import Foundation

/// Tells cats from dogs: `swift run example-cat-classifier`.
@main
struct CatClassifier {
  static func main() {
    CommandLineProgram(Options.command, defaults: Options()) { given in
      let options = try Options.completed(from: given)
      if !options.predict.isEmpty { return try predict(options) }
      try prepareImages(options)
      try options.experiment ? Experiment(options).run() : train(options)
    }.run()
  }

  private static func prepareImages(_ options: Options) throws {
    let folder = options.folder
    if options.hasPhotographs {
      guard folder.exists else { throw DataError("\(folder.path)/training_set is not there") }
      return
    }
    if folder.holds(training: options.trainSize, test: options.testSize) { return }
    print("Drawing \(options.trainSize + 2 * options.testSize) cats and as many dogs in \(folder.path).")
    // Three sets: to learn from, to watch training by, and to judge by what was not looked at before.
    try Drawings(path: folder.path).draw(
      trainNumbers: Array(1...options.trainSize) + Array(4001...4000 + options.testSize),
      testNumbers: Array(8001...8000 + options.testSize), size: 96)
  }

  /// Trains, goes on if it was interrupted, and tells how many of the test images come out right.
  private static func train(_ options: Options) throws {
    let folder = options.folder
    let train = try folder.examples("training_set", count: options.trainSize, size: options.size)
    let validation = try folder.examples(
      "training_set", skipping: options.trainSize, count: options.testSize, size: options.size)
    let test = try folder.examples("test_set", count: options.testSize, size: options.size)
    print("\(options.network): training images \(train.images.shape), test images \(test.images.shape)")
    if validation.count > 0 {
      print("val_accuracy: of the \(validation.count) images of training_set that are not trained on")
    }
    let model = try compiledModel(options.network, options)
    print(model.summary())
    let done = try model.restore(from: options.jobDir)
    if done > 0 { print("Going on after epoch \(done) in \(options.jobDir).") }
    try model.fit(
      train.images, train.labels, epochs: options.epochs, batchSize: options.batchSize,
      callbacks: [Keras.ModelCheckpoint(options.jobDir), Keras.TensorBoard(logDir: options.jobDir)],
      validationData: validation.count > 0 ? (validation.images, validation.labels) : nil, initialEpoch: done)
    let results = try model.evaluate(test.images, test.labels)
    print(String(format: "accuracy on the test images: %.2f %%", results[1] * 100))
    let report = try report(model, test, options).write()
    print("curves and predictions: \(report), or tensorboard --logdir \(options.jobDir)")
    let shortcut = options.shortcut ? "" : " --no-shortcut"
    print(
      "your own image: example-cat-classifier --predict FILE --job-dir \(options.jobDir) --model \(options.model.rawValue) "
        + "--size \(options.size)\(shortcut)")
  }

  /// Returns the page of curves, with some test images and what the model takes them for.
  private static func report(
    _ model: Keras.Model, _ test: ImageFolder.Examples, _ options: Options
  ) throws -> TrainingReport {
    var report = try TrainingReport(modelDir: options.jobDir)
    let shown = try test.images.rows(at: Array(0..<min(48, test.count)))
    let probabilities = try model.predict(shown).doubles()
    let labels = try test.labels.doubles()
    report.pictures = try probabilities.enumerated().map { index, probability in
      let image = try ImageFolder.swappingRedAndBlue(shown.rows(at: [index]).reshaped(Array(shown.shape.dropFirst())))
      return try TrainingReport.Picture(
        image, caption: verdict(probability), isRight: (probability > 0.5) == (labels[index] > 0.5))
    }
    return report
  }

  private static func verdict(_ probability: Double) -> String {
    let isCat = probability > 0.5
    return String(format: "%@ %.1f %%", isCat ? "cat" : "dog", (isCat ? probability : 1 - probability) * 100)
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
    print("\(options.predict): \(verdict(try model.predict(image.reshaped([1] + image.shape)).doubles()[0]))")
  }
}

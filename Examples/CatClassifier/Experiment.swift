import Espalier
import Foundation

/// Trains networks of 18 and 50 layers, with shortcuts and without, on the same images.
struct Experiment {
  private let options: Options

  init(_ options: Options) {
    self.options = options
  }

  private struct Row {
    let network: CatResNet
    let loss: Double
    let accuracy: Double
    let best: Double
    let norms: [Double]
  }

  /// Trains all four and prints a table.
  func run() throws {
    let train = try options.folder.examples("training_set", count: options.trainSize, size: options.size)
    let networks = CatResNet.Depth.allCases.flatMap { [CatResNet($0), CatResNet($0, useShortcut: false)] }
    let rows = try networks.map { network in
      print("\n\(network)")
      return try row(network, train)
    }
    print(Self.table(rows))
    let curves = networks.map { (name: $0.description, directory: directory($0) + "/train") }
    print("curves: \(try TrainingReport(comparing: curves, modelDir: options.jobDir).write())")
  }

  private func directory(_ network: CatResNet) -> String {
    options.jobDir + "/" + network.description.replacingOccurrences(of: " ", with: "-")
  }

  private func row(_ network: CatResNet, _ train: ImageFolder.Examples) throws -> Row {
    let model = try CatClassifier.compiledModel(network, options)
    let directory = directory(network)
    let places = Array(0..<min(16, train.count))
    let norms = try model.gradientNorms(train.images.rows(at: places), train.labels.rows(at: places))
    let done = try model.restore(from: directory)
    let history = try model.fit(
      train.images, train.labels, epochs: options.epochs, batchSize: options.batchSize,
      callbacks: [Keras.ModelCheckpoint(directory), Keras.TensorBoard(logDir: directory)], initialEpoch: done)
    let kernels = norms.filter { $0.variable.hasSuffix("/kernel") }.map(\.norm)
    let last = try history.epochs.isEmpty ? model.evaluate(train.images, train.labels, verbose: .silent) : nil
    return Row(
      network: network, loss: history["loss"].last ?? last?[0] ?? .nan,
      accuracy: history["accuracy"].last ?? last?[1] ?? .nan, best: history["accuracy"].max() ?? .nan, norms: kernels)
  }

  /// Returns the table: loss and accuracy while training in the last epoch, the best accuracy of an epoch, and the norm
  /// of the gradient before the first step, of the kernels at five depths from the images to the output.
  private static func table(_ rows: [Row]) -> String {
    func cell(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
    let depths = ["first", "1/4", "1/2", "3/4", "last"]
    var lines = [
      "", cell("", 28) + "  loss  accuracy   best    gradient norm at depth " + depths.joined(separator: ", "),
    ]
    for row in rows {
      let norms = depths.indices.map { row.norms[($0 * (row.norms.count - 1)) / (depths.count - 1)] }
      lines.append(
        cell(row.network.description, 28) + String(format: "%6.4f  %6.4f  %6.4f   ", row.loss, row.accuracy, row.best)
          + norms.map { String(format: " %9.2e", $0) }.joined())
    }
    return lines.joined(separator: "\n")
  }
}

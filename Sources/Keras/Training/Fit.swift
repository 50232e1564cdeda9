import EspalierData
import EspalierExecutor
import EspalierGraph

extension Keras {
  /// The numbers of each epoch of a training.
  ///
  /// Source: `tf.keras.callbacks.History`.
  public struct History: Sendable, Equatable {
    /// The epochs, counted from 0.
    public internal(set) var epochs: [Int] = []
    /// For each name, `loss`, `accuracy`, `val_loss`…, its value in each epoch.
    public internal(set) var values: [String: [Double]] = [:]

    /// Returns the values of one name.
    public subscript(name: String) -> [Double] { values[name] ?? [] }
  }
}

extension Keras.Model {
  /// Trains the model.
  ///
  /// The examples come in another order in each epoch; the last batch may be smaller. What is printed and kept are
  /// means over the examples of an epoch, while it trained.
  ///
  /// - Parameters:
  ///   - x: The examples, along the first axis.
  ///   - y: Their labels.
  ///   - epochs: The number of epochs to have done at the end.
  ///   - validationData: What to evaluate after each epoch.
  ///   - initialEpoch: The number of epochs that were done before, to go on with a restored model.
  /// - Throws: `GraphError` if the model is not compiled or the data do not fit; what callbacks throw.
  @discardableResult
  public func fit(
    _ x: HostTensor, _ y: HostTensor, epochs: Int = 1, batchSize: Int = 32,
    verbose: Keras.Verbosity = .progressBar, callbacks: [any Keras.Callback] = [],
    validationData: (x: HostTensor, y: HostTensor)? = nil, shuffle: Bool = true, initialEpoch: Int = 0
  ) throws -> Keras.History {
    let compiled = try requireCompiled()
    let batches = try Keras.Batches(x, y, size: batchSize)
    var history = Keras.History()
    for callback in callbacks { try callback.onTrainBegin(self) }
    for epoch in initialEpoch..<max(initialEpoch, epochs) {
      if verbose != .silent { print("Epoch \(epoch + 1)/\(epochs)") }
      var line = Keras.ProgressLine(total: batches.count, verbosity: verbose)
      let order = shuffle ? permutation(of: batches.exampleCount, epoch) : Array(0..<batches.exampleCount)
      var means = Means(compiled.metricNames)
      for index in 0..<batches.count {
        let batch = try batches.batch(index, of: order)
        means.add(try run(compiled.trainingValues, compiled, batch, targets: compiled.trainOps), weight: batch.count)
        line.show(index + 1, means.named)
        let logs = means.dictionary
        for callback in callbacks { try callback.onTrainBatchEnd(self, epoch: epoch, batch: index, logs: logs) }
      }
      var numbers = means.named
      if let validationData {
        let values = try evaluate(validationData.x, validationData.y, batchSize: batchSize, verbose: .silent)
        numbers += zip(compiled.metricNames, values).map { ("val_" + $0, $1) }
      }
      line.finish(numbers)
      history.epochs.append(epoch)
      for (name, value) in numbers { history.values[name, default: []].append(value) }
      let logs = Dictionary(numbers.map { ($0.name, $0.value) }) { first, _ in first }
      let stops = try callbacks.map { try $0.onEpochEnd(self, epoch: epoch, logs: logs) }
      if stops.contains(true) { break }
    }
    for callback in callbacks { try callback.onTrainEnd(self) }
    return history
  }

  /// Returns loss and metrics, in the order of `metricNames`, means over all examples.
  ///
  /// - Throws: `GraphError` if the model is not compiled or the data do not fit.
  @discardableResult
  public func evaluate(
    _ x: HostTensor, _ y: HostTensor, batchSize: Int = 32, verbose: Keras.Verbosity = .progressBar
  ) throws -> [Double] {
    let compiled = try requireCompiled()
    let batches = try Keras.Batches(x, y, size: batchSize)
    var line = Keras.ProgressLine(total: batches.count, verbosity: verbose)
    let order = Array(0..<batches.exampleCount)
    var means = Means(compiled.metricNames)
    for index in 0..<batches.count {
      let batch = try batches.batch(index, of: order)
      means.add(try run(compiled.values, compiled, batch), weight: batch.count)
      line.show(index + 1, means.named)
    }
    line.finish(means.named)
    return means.named.map(\.value)
  }

  /// Returns the outputs for all examples, along the first axis.
  public func predict(
    _ x: HostTensor, batchSize: Int = 32, verbose: Keras.Verbosity = .silent
  ) throws -> HostTensor {
    guard let input = inputs.first, let output = outputs.first else { throw GraphError("the model has no output") }
    let batches = try Keras.Batches(x, nil, size: batchSize)
    var line = Keras.ProgressLine(total: batches.count, verbosity: verbose)
    let order = Array(0..<batches.exampleCount)
    var numbers: [Float] = []
    var rest: [Int] = []
    for index in 0..<batches.count {
      let batch = try batches.batch(index, of: order)
      let result = try session.run(output, feeding: [input: batch.x])
      rest = Array(result.shape.dropFirst())
      numbers += try result.scalars(as: Float.self)
      line.show(index + 1, [])
    }
    line.finish([])
    return try HostTensor(numbers, shape: [batches.exampleCount] + rest)
  }

  /// Returns the Euclidean norm of the loss's gradient for each trained variable, from the inputs to the outputs.
  ///
  /// - Throws: `GraphError` if the model is not compiled or the data do not fit.
  public func gradientNorms(_ x: HostTensor, _ y: HostTensor) throws -> [(variable: String, norm: Double)] {
    let compiled = try requireCompiled()
    let batches = try Keras.Batches(x, y, size: max(1, x.shape.first ?? 1))
    let batch = try batches.batch(0, of: Array(0..<batches.exampleCount))
    let values = try run(compiled.gradientNorms.map(\.norm), compiled, batch)
    return zip(compiled.gradientNorms, values).map { ($0.variable.name, $1) }
  }

  private func requireCompiled() throws -> Keras.CompiledModel {
    guard let compiled else { throw GraphError("You must compile your model before training/testing.") }
    return compiled
  }

  private func run(
    _ fetches: [Tensor], _ compiled: Keras.CompiledModel, _ batch: (x: HostTensor, y: HostTensor?, count: Int),
    targets: [Node] = []
  ) throws -> [Double] {
    guard let input = inputs.first, let labels = batch.y else { return [] }
    let fitted = try labels.converted(to: compiled.labels.dataType, like: compiled.labels.shape)
    let feeding = [input: batch.x, compiled.labels: fitted]
    return try session.run(fetches, targets: targets, feeding: feeding).map { try $0.doubles()[0] }
  }

  private func permutation(of count: Int, _ epoch: Int) -> [Int] {
    guard let seed else { return (0..<count).shuffled() }
    var random = ElementRandom(seed: UInt64(bitPattern: Int64(seed)), element: epoch)
    return (0..<count).shuffled(using: &random)
  }
}

/// Means over the examples so far.
private struct Means {
  private let names: [String]
  private var sums: [Double]
  private var weight = 0.0

  init(_ names: [String]) {
    self.names = names
    sums = [Double](repeating: 0, count: names.count)
  }

  mutating func add(_ values: [Double], weight count: Int) {
    for (index, value) in values.enumerated() { sums[index] += value * Double(count) }
    weight += Double(count)
  }

  var named: [(name: String, value: Double)] { zip(names, sums).map { ($0, $1 / max(1, weight)) } }
  var dictionary: [String: Double] { Dictionary(named.map { ($0.name, $0.value) }) { first, _ in first } }
}

import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph

extension Estimator {
  /// Returns what the model says about each example of an input, computed batch by batch as it is read.
  ///
  ///     let predictions = estimator.predict(inputFn: { images.batched(100) })
  ///     while let prediction = try predictions.next() { print(prediction["classes"]!) }
  ///
  /// Nothing happens before the first example is read.
  ///
  /// - Parameters:
  ///   - inputFn: The input, in batches; labels are not looked at.
  ///   - predictKeys: Which of the model's predictions to compute; by default all.
  ///   - hooks: Called around each batch.
  ///   - checkpointPath: The path prefix of the checkpoint; by default the latest when reading begins.
  ///   - yieldSingleExamples: Whether examples come one by one, or batches as the model computes them.
  public func predict(
    inputFn: @escaping InputFn, predictKeys: [String]? = nil, hooks: [any SessionRunHook] = [],
    checkpointPath: String? = nil, yieldSingleExamples: Bool = true
  ) -> Predictions {
    Predictions(yieldSingleExamples) {
      try PredictionLoop(self, inputFn, predictKeys, hooks, try checkpointPath ?? self.latestCheckpoint())
    }
  }
}

/// What a model says about each example of an input, in order.
///
/// Not a `Sequence`, since reading can fail: call `next` until it returns nil, or `collected`.
public final class Predictions {
  private enum State {
    case unopened(() throws -> any PredictionSource)
    case open(any PredictionSource)
    case ended
  }

  private var state: State
  private let yieldsExamples: Bool
  private var pending: ArraySlice<[String: HostTensor]> = []

  init(_ yieldsExamples: Bool, _ start: @escaping () throws -> any PredictionSource) {
    self.yieldsExamples = yieldsExamples
    state = .unopened(start)
  }

  /// Returns the predictions for the next example by name, without the axis of the batch, or nil at the end; for the
  /// next batch if batches were asked for. A model that predicts a single tensor predicts it under the name `output`.
  ///
  /// - Throws: What the input, the model and the hooks throw; the end is reached then.
  public func next() throws -> [String: HostTensor]? {
    guard yieldsExamples else { return try nextBatch() }
    while pending.isEmpty {
      guard let batch = try nextBatch() else { return nil }
      pending = try Self.examples(of: batch)[...]
    }
    return pending.popFirst()
  }

  /// Returns all predictions that are left.
  ///
  /// - Throws: What `next` throws.
  public func collected() throws -> [[String: HostTensor]] {
    var result: [[String: HostTensor]] = []
    while let example = try next() { result.append(example) }
    return result
  }

  private func nextBatch() throws -> [String: HostTensor]? {
    let source: any PredictionSource
    switch state {
    case .ended: return nil
    case .open(let opened): source = opened
    case .unopened(let start):
      state = .ended
      source = try start()
    }
    // Whatever is thrown below is the end.
    state = .ended
    guard let batch = try source.nextBatch() else { return nil }
    state = .open(source)
    return batch
  }

  private static func examples(of batch: [String: HostTensor]) throws -> [[String: HostTensor]] {
    var count: Int?
    for (name, value) in batch.sorted(by: { $0.key < $1.key }) {
      guard let extent = value.shape.first, count == nil || count == extent else {
        throw EstimatorError.invalidArgument(
          "Batch length of predictions should be same. \(name) has different batch length than others.")
      }
      count = extent
    }
    return try (0..<(count ?? 0)).map { index in try batch.mapValues { try $0.row(at: index) } }
  }
}

/// What predictions come from.
protocol PredictionSource {
  func nextBatch() throws -> [String: HostTensor]?
}

/// The loop behind predictions.
final class PredictionLoop: PredictionSource {
  private struct Open {
    let model: BuiltModel
    let loop: MonitoredSession
    let predictions: [(name: String, tensor: Tensor)]
    /// The state of the variables when the loop was opened.
    let stamp: Int
  }

  private let input: InputFeed
  private let open: () throws -> Open
  private var current: Open?

  init<Params>(
    _ estimator: Estimator<Params>, _ inputFn: InputFn, _ keys: [String]?, _ hooks: [any SessionRunHook],
    _ checkpoint: String?
  ) throws {
    if checkpoint == nil {
      Logging.info(
        "Could not find trained model in model_dir: \(estimator.modelDir), running initialization to predict.")
    }
    let input = try InputFeed(try inputFn())
    self.input = input
    let first = try input.peek()
    open = {
      guard let first else { throw EstimatorError.invalidArgument("The input of the prediction is empty.") }
      let model = try estimator.model(.predict, for: first, checkpoint: checkpoint)
      let predictions = try Self.chosen(model.spec.predictions, keys)
      let loop = try model.start(checkpoint, hooks: hooks + model.spec.predictionHooks)
      return Open(model: model, loop: loop, predictions: predictions, stamp: model.stamp)
    }
    if first != nil { current = try open() }
  }

  /// Returns the predictions of these names, all of them for nil.
  static func chosen(
    _ predictions: Structure<Tensor>?, _ keys: [String]?
  ) throws(EstimatorError) -> [(name: String, tensor: Tensor)] {
    let all: [(name: String, tensor: Tensor)]
    switch predictions {
    case .single(let tensor): all = [("output", tensor)]
    case .list(let tensors): all = tensors.enumerated().map { ("output_\($0)", $1) }
    case .dictionary(let tensors): all = tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    case nil: all = []
    }
    guard let keys else { return all }
    let chosen = all.filter { keys.contains($0.name) }
    guard !chosen.isEmpty else {
      throw .invalidArgument(
        "Expected to run at least one output from \(all.map(\.name)), provided \(keys).")
    }
    return chosen
  }

  func nextBatch() throws -> [String: HostTensor]? {
    guard var now = current else { return nil }
    guard !now.loop.shouldStop, let sample = try input.next() else {
      try now.loop.close()
      return nil
    }
    if now.model.stamp != now.stamp {
      // Somebody trained or evaluated other weights between two examples.
      now = try open()
      current = now
    }
    let features = Sample(features: sample.features)
    let args = SessionRunArgs(now.predictions.map(\.tensor), feeding: try now.model.input.feeding(features))
    let values = try now.loop.run(args)
    var batch: [String: HostTensor] = [:]
    for (name, tensor) in now.predictions { batch[name] = values[tensor] }
    return batch
  }
}

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
  public func predict(
    inputFn: @escaping InputFn, predictKeys: [String]? = nil, hooks: [any SessionRunHook] = [],
    checkpointPath: String? = nil
  ) -> Predictions {
    Predictions {
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
  private var pending: ArraySlice<[String: HostTensor]> = []

  init(_ start: @escaping () throws -> any PredictionSource) {
    state = .unopened(start)
  }

  /// Returns the predictions for the next example by name, without the axis of the batch, or nil at the end. A model
  /// that predicts a single tensor predicts it under the name `output`.
  ///
  /// - Throws: What the input, the model and the hooks throw; the end is reached then.
  public func next() throws -> [String: HostTensor]? {
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
    return try (0..<(count ?? 0)).map { index in try batch.mapValues { try $0.element(at: index) } }
  }
}

/// What predictions come from.
protocol PredictionSource {
  func nextBatch() throws -> [String: HostTensor]?
}

/// The loop behind predictions.
private final class PredictionLoop: PredictionSource {
  private let input: InputFeed
  private let model: BuiltModel?
  private let loop: MonitoredSession?
  private let predictions: [(name: String, tensor: Tensor)]

  init<Params>(
    _ estimator: Estimator<Params>, _ inputFn: InputFn, _ keys: [String]?, _ hooks: [any SessionRunHook],
    _ checkpoint: String?
  ) throws {
    if checkpoint == nil {
      Logging.info(
        "Could not find trained model in model_dir: \(estimator.modelDir), running initialization to predict.")
    }
    input = try InputFeed(try inputFn())
    guard let first = input.first else {
      (model, loop, predictions) = (nil, nil, [])
      return
    }
    let model = try estimator.model(.predict, for: first)
    self.model = model
    predictions = try Self.chosen(model.spec.predictions, keys)
    loop = try model.start(checkpoint, hooks: hooks + model.spec.predictionHooks)
  }

  private static func chosen(
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
    guard let loop, let model else { return nil }
    guard !loop.shouldStop, let sample = try input.next() else {
      try loop.close()
      return nil
    }
    let tensors = predictions.map(\.tensor)
    let features = Sample(features: sample.features)
    let values = try loop.run(SessionRunArgs(tensors, feeding: try model.input.feeding(features)))
    var batch: [String: HostTensor] = [:]
    for (name, tensor) in predictions { batch[name] = values[tensor] }
    return batch
  }
}

extension HostTensor {
  /// Returns the part at one place of the first axis, without that axis.
  fileprivate func element(at index: Int) throws -> HostTensor {
    let rest = Array(shape.dropFirst())
    let count = rest.reduce(1, *)
    if dataType == .string {
      return try HostTensor(strings: Array(try strings()[index * count..<(index + 1) * count]), shape: rest)
    }
    return try withUnsafeBytes { bytes in
      let size = count * (dataType.size ?? 0)
      let part = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
      return try HostTensor(bytes: part, dataType: dataType, shape: rest)
    }
  }
}

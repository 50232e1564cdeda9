import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// A trained model that answers again and again, from any thread: what a server keeps.
///
///     let predictor = try estimator.predictor(for: .single(oneImage))
///     let answer = try predictor.predict(.single(image))
///
/// It has weights of its own, so that the estimator can go on training. Everything that can be prepared is prepared when
/// it is made; calls run one after the other, each on all threads.
public final class Predictor: @unchecked Sendable {
  // Guarded by the lock, as the graph and the session belong to one thread at a time.
  private let model: Lock<BuiltModel>
  private let predictions: [(name: String, tensor: Tensor)]
  /// The global step of the weights.
  public let globalStep: Int
  /// The names of what is predicted, sorted.
  public var keys: [String] { predictions.map(\.name) }

  fileprivate init(_ model: BuiltModel, _ predictions: [(name: String, tensor: Tensor)]) {
    globalStep = model.session.globalStep ?? 0
    self.model = Lock(model)
    self.predictions = predictions
  }

  /// Returns what the model says about a batch of features, by name.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the features are structured otherwise than those that the predictor
  ///   was made for; `ExecutionError` if their types do not fit.
  public func predict(_ features: Structure<HostTensor>) throws -> [String: HostTensor] {
    let values = try model.withLock { model in
      try model.session.run(
        predictions.map(\.tensor), feeding: try model.input.feeding(Sample(features: features)))
    }
    return Dictionary(uniqueKeysWithValues: zip(keys, values))
  }
}

extension Estimator {
  /// Returns a predictor with the weights of a checkpoint.
  ///
  /// - Parameters:
  ///   - example: Features as they will come, a batch of any size. It is predicted once, so that the first call is as
  ///     fast as the others for batches of its size.
  ///   - predictKeys: Which of the model's predictions to compute; by default all.
  ///   - checkpointPath: The path prefix of the checkpoint; by default the latest.
  /// - Throws: `EstimatorError.invalidArgument` if there is no checkpoint or none of the keys; and whatever the model
  ///   and the checkpoint throw.
  public func predictor(
    for example: Structure<HostTensor>, predictKeys: [String]? = nil, checkpointPath: String? = nil
  ) throws -> Predictor {
    guard let checkpoint = try checkpointPath ?? latestCheckpoint() else {
      throw EstimatorError.invalidArgument("Could not find trained model in model_dir: \(modelDir).")
    }
    let model = try build(.predict, for: Sample(features: example), WeightStore())
    let predictions = try PredictionLoop.chosen(model.spec.predictions, predictKeys)
    _ = try model.start(checkpoint, hooks: [])
    let predictor = Predictor(model, predictions)
    _ = try predictor.predict(example)
    return predictor
  }
}

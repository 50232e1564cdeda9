import Espalier
import Foundation

extension Model {
  /// Returns the specification of an estimator of the network.
  func specification(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys
  ) throws -> EstimatorSpec {
    guard let images = features.only else { throw BenchError("the model needs images") }
    let logits = try logits(of: images, isTraining: mode == .train)
    let predictions: Structure<Tensor> = ["probabilities": softmax(logits)]
    guard mode != .predict else { return try EstimatorSpec(mode: mode, predictions: predictions) }
    guard let labels = labels?.only else { throw BenchError("the model needs labels") }
    guard mode == .train else {
      let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
      let accuracy = Metrics.accuracy(labels: labels, predictions: argMax(logits, axis: 1))
      return try EstimatorSpec(
        mode: mode, predictions: predictions, loss: loss, evalMetricOps: ["accuracy": accuracy])
    }
    let (loss, trainOp) = try training(labels, logits)
    _ = Summaries.scalar("loss", loss)
    _ = Summaries.histogram("logits", logits)
    return try EstimatorSpec(
      mode: mode, loss: loss, trainOp: trainOp,
      trainingHooks: [try LoggingTensorHook(["loss": .tensor(loss)], everyNIter: 100)])
  }
}

/// An estimator that has made one training step, in a directory that goes with it.
private final class TrainedEstimator {
  let estimator: Estimator<Void>
  /// A batch that is like those of training.
  let sample: Sample

  init(_ model: Model, threads: Int) throws {
    // The table is what is to be read.
    Logging.level = .warn
    let config = try RunConfig(
      modelDir: NSTemporaryDirectory() + "/espalier-bench-\(UUID().uuidString)", tfRandomSeed: 1,
      sessionThreads: threads > 0 ? threads : nil, writesReport: false)
    sample = Sample(features: model.syntheticImages(), labels: model.labels)
    estimator = try Estimator(modelFn: model.specification, config: config)
    let sample = sample
    try estimator.train(inputFn: { .elements([sample]) })
  }

  deinit { try? FileManager.default.removeItem(atPath: estimator.modelDir) }
}

/// Answers of a `Predictor`, as a server asks for them.
final class PredictorCalls: Contestant {
  let name = "Predictor"
  let unitsPerStep: Int
  private let images: Structure<HostTensor>
  private let predictor: Predictor

  init(_ model: Model, threads: Int) throws {
    unitsPerStep = model.batch
    let trained = try TrainedEstimator(model, threads: threads)
    images = trained.sample.features
    predictor = try trained.estimator.predictor(for: images)
  }

  var peakBytes: Int? { peakBytesOfProcess() }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in try milliseconds { _ = try predictor.predict(images) } }
  }
}

/// Calls of `evaluate` after the first one, each from the call to the first batch.
final class EvaluationStarts: Contestant {
  let name = "evaluate"
  private let trained: TrainedEstimator

  init(_ model: Model, threads: Int) throws {
    trained = try TrainedEstimator(model, threads: threads)
    _ = try run(1)
  }

  /// Notes when the first batch is about to be computed.
  private final class StartHook: SessionRunHook {
    private(set) var start: ContinuousClock.Instant?

    func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
      start = start ?? .now
      return nil
    }
  }

  func run(_ count: Int) throws -> [Double] {
    let sample = trained.sample
    return try (0..<count).map { _ in
      let hook = StartHook()
      let begin = ContinuousClock.now
      _ = try trained.estimator.evaluate(inputFn: { .elements([sample]) }, hooks: [hook])
      guard let start = hook.start else { throw BenchError("the evaluation has not begun") }
      return (start - begin) / .milliseconds(1)
    }
  }
}

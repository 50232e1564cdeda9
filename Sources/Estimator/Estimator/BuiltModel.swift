import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// What decides whether a graph can be used again: the mode, and the types of the input but for the size of batches.
struct ModelKey: Hashable {
  let mode: ModeKeys
  private let features: [String]
  private let labels: [String]?

  init(_ mode: ModeKeys, _ sample: Sample) {
    self.mode = mode
    features = Self.words(sample.features)
    labels = mode == .predict ? nil : sample.labels.map(Self.words)
  }

  private static func words(_ values: Structure<HostTensor>) -> [String] {
    func word(_ value: HostTensor) -> String { "\(value.dataType)\(value.shape.dropFirst())/\(value.shape.count)" }
    switch values {
    case .single(let value): return ["single", word(value)]
    case .list(let values): return ["list"] + values.map(word)
    case .dictionary(let values): return ["dictionary"] + values.map { "\($0.key)=\(word($0.value))" }.sorted()
    }
  }
}

/// A graph that `modelFn` built, with its input and the session that runs it.
final class BuiltModel {
  let input: ModelInput
  let spec: EstimatorSpec
  let session: Session
  /// The metrics of an evaluation, with the mean loss.
  let metrics: [String: Metric]
  /// The index of the checkpoint whose values the variables have, or nil.
  private var loadedIndex: [UInt8]?
  private var nodeCount = 0

  init(
    input: ModelInput, spec: EstimatorSpec, metrics: [String: Metric] = [:], session: Session
  ) {
    self.input = input
    self.spec = spec
    self.metrics = metrics
    self.session = session
  }

  /// Starts a loop of evaluation or prediction with the variables of a checkpoint, which is read only if the variables
  /// have not its values already.
  func start(_ prefix: String?, hooks: [any SessionRunHook]) throws -> MonitoredSession {
    let index = try prefix.map { try LocalFileSystem().contents(of: CheckpointFiles.index($0)) }
    let start: MonitoredSession.Start
    if let prefix {
      start = index == loadedIndex ? .restored(prefix: prefix) : .checkpoint(try CheckpointReader(prefix: prefix))
    } else {
      start = .initializers
    }
    loadedIndex = nil
    let loop = try MonitoredSession(session, from: start, scaffold: spec.scaffold, hooks: hooks)
    loadedIndex = index
    if nodeCount == 0 { nodeCount = session.graph.nodeCount }
    return loop
  }

  /// Whether hooks have added nothing to the graph since it was first used, so that using it again cannot make it grow.
  var isReusable: Bool { nodeCount == session.graph.nodeCount }
}

extension Estimator {
  /// Returns the model for a mode and a first batch, from those built before if there is one.
  func model(_ mode: ModeKeys, for sample: Sample) throws -> BuiltModel {
    let key = ModelKey(mode, sample)
    if let known = models[key], known.isReusable { return known }
    let made = try build(mode, for: sample)
    models[key] = made
    return made
  }

  /// Builds the model for a mode and a first batch.
  func build(_ mode: ModeKeys, for sample: Sample) throws -> BuiltModel {
    let graph = Graph()
    graph.seed = config.tfRandomSeed
    let session = Session(graph: graph, configuration: sessionConfiguration)
    return try withGraph(graph) {
      try createGlobalStep()
      let input = ModelInput(for: mode == .predict ? Sample(features: sample.features) : sample)
      Logging.info("Calling model_fn.")
      let spec = try modelFn(input.features, input.labels, mode, params)
      Logging.info("Done calling model_fn.")
      try graph.check()
      guard spec.mode == mode else {
        throw EstimatorError.invalidArgument(
          "model_fn should return an EstimatorSpec for mode \(mode.rawValue), not \(spec.mode.rawValue).")
      }
      let metrics = mode == .evaluate ? try Self.evaluationMetrics(spec) : [:]
      return BuiltModel(input: input, spec: spec, metrics: metrics, session: session)
    }
  }

  /// Returns the metrics of the model and the mean of its loss.
  private static func evaluationMetrics(_ spec: EstimatorSpec) throws -> [String: Metric] {
    guard spec.evalMetricOps["loss"] == nil else {
      throw EstimatorError.invalidArgument(
        "Metric with name \"loss\" is not allowed, because Estimator already defines a default metric with the same "
          + "name.")
    }
    var metrics = spec.evalMetricOps
    if let loss = spec.loss { metrics["loss"] = Metrics.mean(loss) }
    return metrics
  }
}

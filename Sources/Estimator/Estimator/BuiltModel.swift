import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// What decides whether a graph can be used again: the mode, and the types of the input but for the size of batches.
struct ModelKey: Hashable {
  let mode: ModeKeys
  /// Whether the weights are the model's own and not those of training.
  var isApart = false
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
  /// The weights, shared with other modes or the model's own.
  let weights: WeightStore
  /// Whether the model saves and restores in a way of its own, so that a checkpoint may hold other values than its
  /// variables.
  let hasOwnSaver: Bool
  private var nodeCount = 0

  init(
    input: ModelInput, spec: EstimatorSpec, metrics: [String: Metric] = [:], session: Session, weights: WeightStore
  ) {
    self.input = input
    self.spec = spec
    self.metrics = metrics
    self.session = session
    names = session.graph.collection(.globalVariables, of: Variable.self).map(\.name)
    hasOwnSaver = spec.scaffold.saver != nil
    self.weights = hasOwnSaver && spec.mode != .train ? WeightStore() : weights
    session.variables.share(Set(names), with: self.weights.variables)
  }

  /// The variables that checkpoints keep.
  private let names: [String]

  /// A number that changes whenever a variable does.
  var stamp: Int { names.reduce(0) { $0 + session.variables.version(of: $1) } }

  /// Takes note that the variables have the values of a checkpoint now.
  func noteCheckpoint(_ prefix: String) throws {
    if spec.mode != .train || !hasOwnSaver { try weights.note(names, of: prefix) }
  }

  /// Returns whether the variables have the values of a checkpoint already.
  func hasValues(of prefix: String) throws -> Bool { try weights.has(names, of: prefix) }

  /// Starts a loop with the variables of a checkpoint, which is read only if the variables have not its values already,
  /// or with their initial values.
  func start(_ prefix: String?, hooks: [any SessionRunHook]) throws -> MonitoredSession {
    let start: MonitoredSession.Start
    if let prefix {
      start = try hasValues(of: prefix) ? .restored(prefix: prefix) : .checkpoint(try CheckpointReader(prefix: prefix))
    } else {
      start = .initializers
    }
    let loop = try begin(start, hooks: hooks)
    if let prefix { try noteCheckpoint(prefix) }
    return loop
  }

  /// Starts a loop.
  func begin(_ start: MonitoredSession.Start, hooks: [any SessionRunHook]) throws -> MonitoredSession {
    let loop = try MonitoredSession(session, from: start, scaffold: spec.scaffold, hooks: hooks)
    if nodeCount == 0 { nodeCount = session.graph.nodeCount }
    return loop
  }

  /// Whether hooks have added nothing to the graph since it was first used, so that using it again cannot make it grow.
  var isReusable: Bool { nodeCount == 0 || nodeCount == session.graph.nodeCount }

  /// Whether nothing of an earlier training is left in it but the graph.
  var isReusableForTraining: Bool {
    isReusable && spec.trainingHooks.isEmpty && spec.trainingChiefHooks.isEmpty
  }
}

extension Estimator {
  /// Returns the model for a mode and a first batch, from those built before if there is one.
  ///
  /// - Parameter checkpoint: Whose values the variables are to have. While a training goes on with other values, and for
  ///   models that restore in ways of their own, the model gets weights of its own.
  func model(_ mode: ModeKeys, for sample: Sample, checkpoint: String?) throws -> BuiltModel {
    var key = ModelKey(mode, sample)
    if let checkpoint {
      let usual = try model(key, sample)
      guard weights.isTraining, usual.weights === weights else { return usual }
      if try usual.hasValues(of: checkpoint) { return usual }
    }
    key.isApart = true
    return try model(key, sample)
  }

  /// Returns the model of this key.
  func model(_ key: ModelKey, _ sample: Sample) throws -> BuiltModel {
    if let known = models[key], known.isReusable { return known }
    let made = try build(key.mode, for: sample, key.isApart ? WeightStore() : weights)
    models[key] = made
    return made
  }

  /// Builds the model for a mode and a first batch.
  func build(_ mode: ModeKeys, for sample: Sample, _ weights: WeightStore) throws -> BuiltModel {
    let graph = Graph()
    graph.seed = config.tfRandomSeed
    let session = Session(graph: graph, configuration: sessionConfiguration)
    modelBuilds[mode, default: 0] += 1
    return try withGraph(graph) {
      try createGlobalStep()
      let input = ModelInput(for: mode == .predict ? Sample(features: sample.features) : sample)
      Logging.info("Calling model_fn.")
      let spec = try onDevices(for: mode) { try modelFn(input.features, input.labels, mode, params) }
      if config.logDevicePlacement { logDevices(of: trainableVariables(in: graph)) }
      Logging.info("Done calling model_fn.")
      try graph.check()
      guard spec.mode == mode else {
        throw EstimatorError.invalidArgument(
          "model_fn should return an EstimatorSpec for mode \(mode.rawValue), not \(spec.mode.rawValue).")
      }
      if mode == .train { try prepareForTraining(spec, graph) }
      try spec.scaffold.adoptSaver(of: graph)
      let metrics = mode == .evaluate ? try Self.evaluationMetrics(spec) : [:]
      return BuiltModel(input: input, spec: spec, metrics: metrics, session: session, weights: weights)
    }
  }

  /// Returns what `body` returns; its nodes ask for the devices that the configuration names for the mode.
  private func onDevices<Result>(for mode: ModeKeys, _ body: () throws -> Result) throws -> Result {
    let strategy: DistributionStrategy? =
      switch mode {
      case .train: config.trainDistribute
      case .evaluate: config.evalDistribute
      case .predict: nil
      }
    if let strategy { return try withDevice(strategy.device, body) }
    return try config.deviceSetter.map { try withDevice($0, body) } ?? body()
  }

  private func logDevices(of variables: [Variable]) {
    for variable in variables { Logging.info("\(variable.name): \(variable.handle.node.device)") }
  }

  /// Adds what training needs besides the model, and looks for what models forget.
  private func prepareForTraining(_ spec: EstimatorSpec, _ graph: Graph) throws {
    if let warmStartFrom {
      Logging.info("Warm-starting with WarmStartSettings: \(warmStartFrom)")
      try warmStart(warmStartFrom)
    }
    if let trainOp = spec.trainOp, let warning = ForgottenUpdates.warning(trainOp, graph) { Logging.warn(warning) }
    guard let loss = spec.loss else { return }
    // Lets TensorBoard show the loss, unless the model does already.
    let summaries = graph.collection(.summaries, of: Tensor.self)
    if !summaries.contains(where: { $0.node.name == "loss" }) { Summaries.scalar("loss", loss) }
    graph.add(loss, to: .losses)
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

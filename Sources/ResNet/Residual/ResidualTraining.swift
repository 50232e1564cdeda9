import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// Feeds each step the learning rate for how far training is: 0.1, and a tenth of it from steps 40,000, 60,000 and
/// 80,000 on.
///
/// Source: `_LearningRateSetterHook` of `research/resnet/resnet_main.py`.
public final class LearningRateSetterHook: SessionRunHook {
  private let tensor: Tensor
  private let schedule: [(before: Int, rate: Double)]
  private let lastRate: Double
  private var rate: Double

  /// Returns a hook that feeds `tensor`.
  ///
  /// - Parameters:
  ///   - schedule: Rates, and the steps before which they hold, in increasing order.
  ///   - lastRate: The rate after all of them.
  public init(
    _ tensor: Tensor, schedule: [(before: Int, rate: Double)] = [(40_000, 0.1), (60_000, 0.01), (80_000, 0.001)],
    lastRate: Double = 0.0001
  ) {
    self.tensor = tensor
    self.schedule = schedule
    self.lastRate = lastRate
    rate = schedule.first?.rate ?? lastRate
  }

  /// Returns the rate of the step after this one.
  public func rate(after step: Int) -> Double { schedule.first { step < $0.before }?.rate ?? lastRate }

  public func afterCreateSession(_ session: Session) {
    rate = rate(after: session.globalStep ?? 0)
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    SessionRunArgs(feeding: [tensor: HostTensor(Float(rate))])
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    rate = rate(after: context.globalStep ?? 0)
  }
}

/// Training and evaluation of the older network, step by step in loops of one's own.
///
/// Source: `train` and `evaluate` of `research/resnet/resnet_main.py`.
public struct ResidualTraining {
  /// What the network is made with.
  public var hyperparameters: ResidualHyperparameters
  /// Where checkpoints and curves go.
  public var directory: String
  /// The seed of the weights; nil draws differently each time.
  public var seed: Int?
  /// Steps between two lines of the log, and between two summaries.
  public var logSteps = 100

  /// Returns a description.
  public init(_ hyperparameters: ResidualHyperparameters, directory: String, seed: Int? = nil) {
    self.hyperparameters = hyperparameters
    self.directory = directory
    self.seed = seed
  }

  private func build(
    on sample: Sample, isTraining: Bool
  ) throws -> (graph: Graph, network: ResidualNetwork, feeding: (Sample) throws -> [Tensor: HostTensor]) {
    guard let image = sample.features.only else { throw ResNetError("the features must be one tensor of images") }
    let graph = Graph()
    graph.seed = seed
    let rest = image.shape.dropFirst().map { Optional($0) }
    let (images, labels, network) = withGraph(graph) {
      let images = placeholder(.float32, shape: Shape([nil] + rest), name: "images")
      let labels = placeholder(.int32, shape: [nil], name: "labels")
      Summaries.image("images", images)
      let network = ResidualNetwork(
        hyperparameters, images: images, labels: labels, isTraining: isTraining, log: { Logging.info($0) })
      return (images, labels, network)
    }
    return (
      graph, network,
      { sample in
        guard let image = sample.features.only, let label = sample.labels?.only else {
          throw ResNetError("each sample must be images and their classes")
        }
        return [images: image, labels: label]
      }
    )
  }

  /// Trains until step `maxSteps` or the end of the input, from the latest checkpoint in the directory if there is one.
  ///
  /// - Throws: What the input, the graph and files throw.
  public func train(_ input: Dataset<Sample>, maxSteps: Int, hooks: [any SessionRunHook] = []) throws {
    let iterator = try input.makeIterator()
    guard let first = try iterator.next() else { throw ResNetError("the input is empty") }
    let (graph, network, feeding) = try build(on: first, isTraining: true)
    let trainOp = try withGraph(graph) { try network.trainOp() }
    let step = try withGraph(graph) { try getOrCreateGlobalStep() }
    let scaffold = Scaffold()
    let all: [any SessionRunHook] = [
      try CheckpointSaverHook(checkpointDir: directory, saveSecs: 600),
      try SummarySaverHook(saveSteps: logSteps, outputDir: directory, scaffold: scaffold),
      try LoggingTensorHook(
        ["step": .tensor(step.value), "loss": .tensor(network.cost), "precision": .tensor(network.precision)],
        everyNIter: logSteps), LearningRateSetterHook(network.learningRate), try StopAtStepHook(lastStep: maxSteps),
    ]
    let start = try latestCheckpoint(in: directory).map {
      MonitoredSession.Start.checkpoint(try CheckpointReader(prefix: $0))
    }
    let session = try MonitoredSession(
      Session(graph: graph), from: start ?? .initializers, scaffold: scaffold, hooks: all + hooks)
    var sample: Sample? = first
    while !session.shouldStop, let batch = sample {
      try session.run(SessionRunArgs(targets: [trainOp], feeding: feeding(batch)))
      sample = session.shouldStop ? nil : try iterator.next()
    }
    try session.close()
  }

  /// Returns the share of right predictions of the latest checkpoint, or nil if there is none.
  ///
  /// - Parameters:
  ///   - batches: How many batches of the input count.
  ///   - best: The best share of earlier evaluations, for the log and the curve.
  public func evaluate(_ input: Dataset<Sample>, batches: Int = 50, best: Double = 0) throws -> Double? {
    guard let prefix = try latestCheckpoint(in: directory) else {
      Logging.info("No model to eval yet at \(directory)")
      return nil
    }
    let iterator = try input.makeIterator()
    guard let first = try iterator.next() else { throw ResNetError("the input is empty") }
    let (graph, network, feeding) = try build(on: first, isTraining: false)
    try withGraph(graph) { _ = try getOrCreateGlobalStep() }
    let session = Session(graph: graph)
    try Saver().restore(session, from: prefix)
    var (right, total, loss, count) = (0.0, 0.0, 0.0, 0)
    var sample: Sample? = first
    while let batch = sample, count < batches {
      let values = try session.run([network.cost, network.precision], feeding: feeding(batch))
      let size = Double(batch.features.only?.shape.first ?? 0)
      loss += try values[0].doubles()[0]
      right += try values[1].doubles()[0] * size
      total += size
      count += 1
      sample = try iterator.next()
    }
    let precision = right / max(1, total)
    try report(loss / Double(max(1, count)), precision, max(best, precision), step: session.globalStep ?? 0)
    return precision
  }

  private func report(_ loss: Double, _ precision: Double, _ best: Double, step: Int) throws {
    func three(_ number: Double) -> String {
      let thousandths = Int((number * 1000).rounded())
      return "\(thousandths / 1000)." + String(String(1000 + thousandths % 1000).dropFirst())
    }
    Logging.info("loss: \(three(loss)), precision: \(three(precision)), best precision: \(three(best))")
    let events = try EventFileWriter(directory: FilePath.join(directory, "eval"))
    try events.add(
      Summary([.scalar("Precision", Float(precision)), .scalar("Best Precision", Float(best))]), step: step)
    try events.close()
  }
}

import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// What an evaluation found.
public struct EvaluationResult: Hashable, Sendable {
  /// The metrics by name, with the mean loss of the batches under `loss`.
  public let metrics: [String: HostTensor]
  /// The global step of the checkpoint that was evaluated.
  public let globalStep: Int

  /// Returns a result with these metrics.
  public init(metrics: [String: HostTensor], globalStep: Int) {
    self.metrics = metrics
    self.globalStep = globalStep
  }

  /// Returns a metric that is a number; nil if there is none of this name, or it has several elements.
  public subscript(name: String) -> Double? {
    if name == "global_step" { return Double(globalStep) }
    guard let value = metrics[name], value.count == 1 else { return nil }
    return (try? value.doubles())?.first
  }
}

extension EvaluationResult: CustomStringConvertible {
  /// The metrics in alphabetical order, `accuracy = 0.91, global_step = 100, loss = 0.3`.
  public var description: String {
    var words = metrics.mapValues(\.description)
    words["global_step"] = "\(globalStep)"
    return words.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
  }
}

extension Estimator {
  /// Evaluates a checkpoint.
  ///
  /// The metrics are written as summaries into `evalDir(name:)`, at the checkpoint's global step. Two evaluations of one
  /// checkpoint on the same input give the same bits.
  ///
  /// - Parameters:
  ///   - inputFn: The input, in batches.
  ///   - steps: How many batches; nil takes all.
  ///   - hooks: Called around each batch.
  ///   - checkpointPath: The path prefix of the checkpoint; by default the latest. Without any, the model is evaluated as
  ///     it is initialized.
  ///   - name: Keeps several evaluations apart, `eval_name`.
  /// - Returns: The metrics, with the mean of the loss over batches.
  /// - Throws: `EstimatorError`, and whatever the input, the model and the hooks throw.
  public func evaluate(
    inputFn: InputFn, steps: Int? = nil, hooks: [any SessionRunHook] = [], checkpointPath: String? = nil,
    name: String? = nil
  ) throws -> EvaluationResult {
    try expectPositive(steps, "steps")
    let checkpoint = try checkpointPath ?? latestCheckpoint()
    if checkpoint == nil {
      Logging.info("Could not find trained model in model_dir: \(modelDir), running initialization to evaluate.")
    }
    let input = try InputFeed(try inputFn())
    guard let first = try input.peek() else {
      throw EstimatorError.invalidArgument("The input of the evaluation is empty.")
    }
    let model = try model(.evaluate, for: first, checkpoint: checkpoint)
    let metrics = try run(model, input, steps, hooks) { try model.start(checkpoint, hooks: $0) }
    let result = EvaluationResult(metrics: metrics, globalStep: model.session.globalStep ?? 0)
    try write(result, checkpoint, to: evalDir(name: name))
    return result
  }

  /// Evaluates the weights that `session` is training, as they are.
  func evaluateLive(
    _ session: Session, inputFn: InputFn, steps: Int?, hooks: [any SessionRunHook], name: String?
  ) throws -> EvaluationResult {
    let input = try InputFeed(try inputFn())
    guard let first = try input.peek() else {
      throw EstimatorError.invalidArgument("The input of the evaluation is empty.")
    }
    let model = try model(ModelKey(.evaluate, first), first)
    guard model.spec.scaffold.saver == nil else {
      throw EstimatorError.invalidArgument("InMemoryEvaluator does not support custom saver")
    }
    guard model.spec.scaffold.initFn == nil else {
      throw EstimatorError.invalidArgument("InMemoryEvaluator does not support custom init_fn")
    }
    let metrics = try run(model, input, steps, hooks) { try model.begin(.live, hooks: $0) }
    let result = EvaluationResult(metrics: metrics, globalStep: session.globalStep ?? 0)
    try write(result, nil, to: evalDir(name: name))
    return result
  }

  /// Runs the updates of all metrics for each batch; returns their final values.
  private func run(
    _ model: BuiltModel, _ input: InputFeed, _ steps: Int?, _ hooks: [any SessionRunHook],
    start: ([any SessionRunHook]) throws -> MonitoredSession
  ) throws -> [String: HostTensor] {
    let final = FinalOpsHook(model.metrics.mapValues(\.value))
    let stop: [any SessionRunHook] = steps.map { [StopAfterBatchesHook($0)] } ?? []
    let all = hooks + stop + model.spec.evaluationHooks + [final]
    let time = Text.time(wallTime(), "%Y-%m-%dT%H:%M:%S")
    Logging.info("Starting evaluation at \(time)")
    let begin = Clock.seconds()
    let loop = try start(all)
    let updates = model.metrics.values.map(\.update.node)
    let restart = {
      try input.move(toPass: 0, position: 0)
      return loop.start
    }
    try loop.run(input, restart: restart) { sample in
      // Evaluation follows a save, so that a training that waits for it can end here.
      if config.savesOnSignals, let signal = Signals.pending { throw EstimatorError.interrupted(signal: signal) }
      var step = SessionRunArgs(targets: updates, feeding: try model.input.feeding(sample))
      step.exampleCount = sample.exampleCount
      _ = try loop.step(step)
      return true
    }
    try loop.close()
    Logging.info("Inference Time : \(Text.fixed(Clock.seconds() - begin, 5))s")
    Logging.info("Finished evaluation at \(Text.time(wallTime(), "%Y-%m-%d-%H:%M:%S"))")
    return final.finalOpsValues
  }

  private func write(_ result: EvaluationResult, _ checkpoint: String?, to directory: String) throws {
    let step = result.globalStep
    Logging.info("Saving dict for global step \(step): \(result)")
    let events = try eventLog(directory)
    let values = result.metrics.sorted { $0.key < $1.key }.map { name, value in
      // A number is a point of a curve; anything else goes to the plugins that understand tensors.
      let number = value.count == 1 ? (try? value.doubles())?.first : nil
      return number.map { Summary.Value.scalar(name, Float($0)) } ?? Summary.Value(tag: name, content: .tensor(value))
    }
    try events.write(Summary(values), step: step)
    if let checkpoint {
      Logging.info("Saving 'checkpoint_path' summary for global step \(step): \(checkpoint)")
      let path = Summary.Value(tag: "checkpoint_path", content: .tensor(HostTensor(checkpoint)))
      try events.write(Summary([path]), step: step)
    }
    try events.flush()
  }
}

/// Ends an evaluation after a number of batches, and logs how far it is.
private final class StopAfterBatchesHook: SessionRunHook {
  private let count: Int
  private let interval: Int
  private var done = 0

  init(_ count: Int) {
    self.count = count
    interval = count < 20 ? 1 : count / 10
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    done += 1
    if done % interval == 0 || done == count { Logging.info("Evaluation [\(done)/\(count)]") }
    if done >= count { context.requestStop() }
  }
}

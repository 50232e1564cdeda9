import EspalierExecutor
import EspalierGraph
import EspalierLayers

/// Gathers metrics over the steps of training, and writes and begins them anew every so many steps.
final class TrainMetricsHook: SessionRunHook {
  private let metrics: [(name: String, metric: Metric)]
  private let outputDir: String
  private var timer: SecondOrStepTimer
  private var events: EventLog?
  /// What sets the sums of the metrics to zero.
  private var resets: [Node] = []

  /// - Throws: `EstimatorError.invalidArgument` if `saveSteps` makes no sense.
  init(_ metrics: [String: Metric], saveSteps: Int, outputDir: String) throws(EstimatorError) {
    self.metrics = metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.outputDir = outputDir
    timer = try SecondOrStepTimer(everySteps: saveSteps)
  }

  func begin(_ graph: Graph) throws {
    events = try EventLog.shared(outputDir)
    resets = graph.collection(.metricVariables, of: Variable.self).map(\.initializer)
  }

  func afterCreateSession(_ session: Session) throws {
    timer.updateLastTriggeredStep(try session.requiredGlobalStep(for: "TrainMetricsHook"))
  }

  func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    SessionRunArgs(targets: metrics.map(\.metric.update.node))
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard let step = context.globalStep, timer.shouldTrigger(forStep: step) else { return }
    try flush(context.session, step)
  }

  func end(_ session: Session) throws {
    let step = try session.requiredGlobalStep(for: "TrainMetricsHook")
    if step != timer.lastTriggeredStep { try flush(session, step) }
    try events?.flush()
  }

  private func flush(_ session: Session, _ step: Int) throws {
    timer.updateLastTriggeredStep(step)
    let values = try session.run(metrics.map(\.metric.value))
    let scalars = try zip(metrics, values).compactMap { entry, value in
      try value.count == 1 ? (tag: entry.name, value: Float(value.doubles()[0])) : nil
    }
    try events?.write(scalars: scalars, step: step)
    _ = try session.run([], targets: resets)
  }
}

import EspalierEstimator
import EspalierExecutor
import EspalierGraph

/// Hooks of training by name.
///
/// Source: `hooks_helper.get_train_hooks` of `official/utils/logs`.
public enum TrainHooks {
  /// The names there are, whatever their case.
  public static let names = ["LoggingTensorHook", "ProfilerHook", "ExamplesPerSecondHook", "LoggingMetricHook"]

  /// What the official models log.
  public static var tensors: [String: TensorReference] {
    ["learning_rate": "learning_rate", "cross_entropy": "cross_entropy", "train_accuracy": "train_accuracy"]
  }

  /// Returns the hooks of these names.
  ///
  /// - Parameters:
  ///   - names: Names separated by commas.
  ///   - modelDir: Where profiles go.
  ///   - everyNSteps: Steps between two lines of the log.
  /// - Throws: `ResNetError` for a name that there is not.
  public static func named(
    _ names: String, modelDir: String, batchSize: Int, logger: BenchmarkLogger, everyNSteps: Int = 100
  ) throws -> [any SessionRunHook] {
    try names.split(separator: ",").map { word in
      let name = String(word.filter { $0 != " " })
      switch name.lowercased() {
      case "loggingtensorhook": return try LoggingTensorHook(tensors, everyNIter: everyNSteps)
      case "profilerhook": return try ProfilerHook(saveSteps: 1000, outputDir: modelDir)
      case "examplespersecondhook":
        return try ExamplesPerSecondHook(batchSize: batchSize, everyNSteps: everyNSteps, warmSteps: 5) { speed in
          try logger.log("average_examples_per_sec", speed.average, globalStep: speed.globalStep)
          try logger.log("current_examples_per_sec", speed.current, globalStep: speed.globalStep)
        }
      case "loggingmetrichook": return try BenchmarkMetricHook(tensors, everyNSecs: 600, logger: logger)
      default: throw ResNetError("Unrecognized training hook requested: \(name)")
      }
    }
  }
}

/// Takes down the values of tensors in the first step, and every so many seconds after it.
///
/// Source: `LoggingMetricHook` of `official/utils/logs/metric_hook.py`.
public final class BenchmarkMetricHook: SessionRunHook {
  private let references: [(name: String, reference: TensorReference)]
  private let logger: BenchmarkLogger
  private var timer: SecondOrStepTimer
  private var tensors: [(name: String, tensor: Tensor)] = []
  private var isDue = false

  /// Returns a hook.
  public init(_ tensors: [String: TensorReference], everyNSecs: Double, logger: BenchmarkLogger) throws {
    references = tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.logger = logger
    timer = try SecondOrStepTimer(everySecs: everyNSecs)
  }

  public func begin(_ graph: Graph) throws {
    tensors = try references.map { ($0.name, try $0.reference.resolved(in: graph)) }
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    isDue = timer.shouldTrigger(forStep: context.globalStep ?? 0)
    return isDue ? SessionRunArgs(tensors.map(\.tensor)) : nil
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
    guard isDue else { return }
    _ = timer.updateLastTriggeredStep(context.globalStep ?? 0)
    for (name, tensor) in tensors {
      if let value = values.number(tensor) { try logger.log(name, value, globalStep: context.globalStep) }
    }
  }
}

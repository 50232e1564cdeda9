import EspalierExecutor
import EspalierGraph

/// Logs the values of tensors every so many steps or seconds, or at the end: `loss = 2.31, step = 100 (1.234 sec)`.
///
/// All values of a line are of one step.
///
/// Source: `tf.train.LoggingTensorHook`.
public final class LoggingTensorHook: SessionRunHook {
  /// Returns the text of a line.
  public typealias Formatter = ([String: HostTensor]) -> String

  private let references: [(tag: String, tensor: TensorReference)]
  private let formatter: Formatter?
  private let logsAtEnd: Bool
  private var timer: SecondOrStepTimer?
  private var tensors: [(tag: String, tensor: Tensor)] = []
  private var stepCount = 0
  private var isDue = false

  /// Returns a hook.
  ///
  /// - Parameters:
  ///   - tensors: What to log, by tag; the tags appear in alphabetical order.
  ///   - everyNIter: Steps of this loop between two lines.
  ///   - everyNSecs: Seconds between two lines.
  ///   - atEnd: Whether a line is logged after the last step.
  ///   - formatter: Makes the text of a line; the default is `tag = value, …`.
  /// - Throws: `EstimatorError.invalidArgument` unless one of `everyNIter` and `everyNSecs`, or `atEnd`, is given.
  public convenience init(
    _ tensors: [String: TensorReference], everyNIter: Int? = nil, everyNSecs: Double? = nil, atEnd: Bool = false,
    formatter: Formatter? = nil
  ) throws(EstimatorError) {
    let sorted = tensors.sorted { $0.key < $1.key }.map { (tag: $0.key, tensor: $0.value) }
    try self.init(ordered: sorted, everyNIter: everyNIter, everyNSecs: everyNSecs, atEnd: atEnd, formatter: formatter)
  }

  init(
    ordered references: [(tag: String, tensor: TensorReference)], everyNIter: Int?, everyNSecs: Double?, atEnd: Bool,
    formatter: Formatter?
  ) throws(EstimatorError) {
    let onlyAtEnd = atEnd && everyNIter == nil && everyNSecs == nil
    if !onlyAtEnd, (everyNIter == nil) == (everyNSecs == nil) {
      throw .invalidArgument(
        "either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.")
    }
    if let everyNIter, everyNIter <= 0 { throw .invalidArgument("invalid every_n_iter=\(everyNIter).") }
    self.references = references
    self.formatter = formatter
    logsAtEnd = atEnd
    timer = onlyAtEnd ? nil : try SecondOrStepTimer(everySecs: everyNSecs, everySteps: everyNIter)
  }

  public func begin(_ graph: Graph) throws {
    timer?.reset()
    stepCount = 0
    tensors = try references.map { ($0.tag, try $0.tensor.resolved(in: graph)) }
  }

  public func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    isDue = timer?.shouldTrigger(forStep: stepCount) ?? false
    return isDue ? SessionRunArgs(tensors.map(\.tensor)) : nil
  }

  public func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    if isDue { log(tensors.map { ($0.tag, values[$0.tensor]) }) }
    stepCount += 1
  }

  public func end(_ session: Session) throws {
    guard logsAtEnd else { return }
    let values = try session.run(tensors.map(\.tensor))
    log(zip(tensors, values).map { ($0.tag, $1) })
  }

  private func log(_ values: [(tag: String, value: HostTensor?)]) {
    let elapsed = timer?.updateLastTriggeredStep(stepCount)
    if let formatter {
      let named = values.compactMap { entry in entry.value.map { (entry.tag, $0) } }
      return Logging.info(formatter(Dictionary(named) { first, _ in first }))
    }
    let line = values.map { "\($0.tag) = \($0.value.map { "\($0)" } ?? "")" }.joined(separator: ", ")
    Logging.info(elapsed.map { "\(line) (\(Text.fixed($0.secs, 3)) sec)" } ?? line)
  }
}

/// Says when something is due that happens every so many steps or seconds.
///
/// Source: `tf.train.SecondOrStepTimer`.
public struct SecondOrStepTimer {
  private let everySecs: Double?
  private let everySteps: Int?
  private let now: () -> Double
  private var lastTime: Double?
  /// The step at which it was last due, or nil.
  public private(set) var lastTriggeredStep: Int?

  /// Returns a timer.
  ///
  /// - Throws: `EstimatorError.invalidArgument` unless exactly one of the two is given.
  public init(everySecs: Double? = nil, everySteps: Int? = nil) throws(EstimatorError) {
    try self.init(everySecs: everySecs, everySteps: everySteps, now: Clock.seconds)
  }

  /// Returns a timer with a clock of its own.
  package init(everySecs: Double?, everySteps: Int?, now: @escaping () -> Double) throws(EstimatorError) {
    if everySecs == nil, everySteps == nil {
      throw .invalidArgument("Either every_secs or every_steps should be provided.")
    }
    if everySecs != nil, everySteps != nil {
      throw .invalidArgument("Can not provide both every_secs and every_steps.")
    }
    self.everySecs = everySecs
    self.everySteps = everySteps
    self.now = now
  }

  /// Forgets what happened.
  public mutating func reset() {
    lastTime = nil
    lastTriggeredStep = nil
  }

  /// Returns whether it is due at this step: at first always, and never twice in one step.
  public func shouldTrigger(forStep step: Int) -> Bool {
    guard let lastTriggeredStep, let lastTime else { return true }
    if step == lastTriggeredStep { return false }
    if let everySecs, now() >= lastTime + everySecs { return true }
    if let everySteps, step >= lastTriggeredStep + everySteps { return true }
    return false
  }

  /// Takes note that it happened at this step; returns the seconds and steps since the last time, if there was one.
  @discardableResult
  public mutating func updateLastTriggeredStep(_ step: Int) -> (secs: Double, steps: Int)? {
    let time = now()
    defer {
      lastTime = time
      lastTriggeredStep = step
    }
    guard let lastTime, let lastTriggeredStep else { return nil }
    return (time - lastTime, step - lastTriggeredStep)
  }
}

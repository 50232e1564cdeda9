import EspalierData

/// Returns the input of a model: a dataset of batches. It is called once for each training, evaluation or prediction.
///
/// The structure, element types and shapes of the first batch become the placeholders that the model is built on, with
/// the first extent, the size of the batch, left open.
public typealias InputFn = () throws -> Dataset<Sample>

/// The training part of `trainAndEvaluate`.
///
/// Source: `tf.estimator.TrainSpec`.
public struct TrainSpec {
  /// The input of training.
  public let inputFn: InputFn
  /// The global step at which training ends; nil trains until the input ends.
  public let maxSteps: Int?
  /// How many times training goes over its input, all runs together; nil does so once a run.
  public let maxEpochs: Int?
  /// Hooks of training.
  public let hooks: [any SessionRunHook]
  /// What is told of saved checkpoints.
  public let savingListeners: [any CheckpointSaverListener]

  /// Returns a specification.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if `maxSteps` or `maxEpochs` is not positive.
  public init(
    inputFn: @escaping InputFn, maxSteps: Int? = nil, maxEpochs: Int? = nil, hooks: [any SessionRunHook] = [],
    savingListeners: [any CheckpointSaverListener] = []
  ) throws(EstimatorError) {
    try expectPositive(maxSteps, "max_steps")
    try expectPositive(maxEpochs, "max_epochs")
    self.inputFn = inputFn
    self.maxSteps = maxSteps
    self.maxEpochs = maxEpochs
    self.hooks = hooks
    self.savingListeners = savingListeners
  }
}

/// The evaluation part of `trainAndEvaluate`.
///
/// Source: `tf.estimator.EvalSpec`.
public struct EvalSpec {
  /// The input of evaluation.
  public let inputFn: InputFn
  /// The number of batches; nil evaluates until the input ends.
  public let steps: Int?
  /// The suffix of the directory of the evaluation's events, `eval_name`.
  public let name: String?
  /// Hooks of evaluation.
  public let hooks: [any SessionRunHook]
  /// What writes the model after evaluations.
  public let exporters: [any Exporter]
  /// Seconds before the first evaluation, for evaluators in processes of their own.
  public let startDelaySecs: Double
  /// The least number of seconds between the starts of two evaluations.
  public let throttleSecs: Double
  /// The least number of steps between two evaluations, which then counts instead of `throttleSecs`.
  public let everyNSteps: Int?

  /// Returns a specification.
  ///
  /// Evaluations follow checkpoints: with `everyNSteps`, the first checkpoint that is so many steps after the last
  /// evaluation.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if `steps` or `everyNSteps` is not positive, a time is negative, or two
  ///   exporters have one name.
  public init(
    inputFn: @escaping InputFn, steps: Int? = 100, name: String? = nil, hooks: [any SessionRunHook] = [],
    exporters: [any Exporter] = [], startDelaySecs: Double = 120, throttleSecs: Double = 600, everyNSteps: Int? = nil
  ) throws(EstimatorError) {
    try expectPositive(steps, "steps")
    try expectPositive(everyNSteps, "every_n_steps")
    guard startDelaySecs >= 0 else {
      throw .invalidArgument("Must specify start_delay_secs >= 0, given: \(Text.general(startDelaySecs))")
    }
    guard throttleSecs >= 0 else {
      throw .invalidArgument("Must specify throttle_secs >= 0, given: \(Text.general(throttleSecs))")
    }
    let names = exporters.map(\.name)
    if names.contains(where: \.isEmpty) {
      throw .invalidArgument(
        "An Exporter cannot have a name that is `None` or empty. All exporter names: \(Text.list(names))")
    }
    guard Set(names).count == names.count else {
      throw .invalidArgument(
        "`exporters` must have unique names. Such a name cannot be `None`. All exporter names: \(Text.list(names))")
    }
    self.exporters = exporters
    self.inputFn = inputFn
    self.steps = steps
    self.name = name
    self.hooks = hooks
    self.startDelaySecs = startDelaySecs
    self.throttleSecs = throttleSecs
    self.everyNSteps = everyNSteps
  }
}

/// Throws if there is a number that is not positive.
func expectPositive(_ number: Int?, _ name: String) throws(EstimatorError) {
  if let number, number <= 0 { throw .invalidArgument("Must specify \(name) > 0, given: \(number)") }
}

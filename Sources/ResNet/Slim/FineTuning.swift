import EspalierEstimator
import EspalierFormats
import EspalierGraph
import EspalierLayers

extension Slim {
  /// Returns the variables whose names begin with none of these scopes.
  public static func variables(_ all: [Variable], excluding scopes: [String]) -> [Variable] {
    all.filter { variable in !scopes.contains { !$0.isEmpty && variable.name.hasPrefix($0) } }
  }

  /// Makes the variables of the current graph begin with the values that a checkpoint has for them, as far as it has
  /// them in the same shape, and says in the log which are missing.
  ///
  /// - Parameters:
  ///   - path: The path prefix of a checkpoint, or a directory.
  ///   - scopes: Variables whose names begin with one of these keep their initializers, as the step counter does.
  /// - Throws: `ResNetError` if the checkpoint has none of them; `FormatError` if it cannot be read.
  ///
  /// Source: `init_variables_from_checkpoint` of fine-tuning programs for slim.
  public static func initVariablesFromCheckpoint(_ path: String, excluding scopes: [String] = []) throws {
    let prefix = try latestCheckpoint(in: path) ?? path
    let checkpoint = try CheckpointReader(prefix: prefix)
    let graph = currentGraph
    let wanted = variables(graph.collection(.globalVariables), excluding: scopes + ["global_step"])
    var found: [String: Variable] = [:]
    for variable in wanted {
      guard let saved = checkpoint.variable(named: variable.name) else {
        Logging.warn("Variable [\(variable.name)] is not available in checkpoint")
        continue
      }
      guard saved.shape == variable.shape, saved.dataType == variable.dataType else {
        Logging.warn(
          "Variable [\(variable.name)] is available in checkpoint, but has an incompatible shape with model variable.")
        continue
      }
      found[variable.name] = variable
    }
    guard !found.isEmpty else { throw ResNetError("\(prefix) has none of the variables of this model") }
    try initFromCheckpoint(prefix, variables: found)
  }

  /// How a learning rate falls.
  public enum LearningRateDecay: String, CaseIterable, Sendable {
    case exponential, fixed, polynomial
  }

  /// Returns the learning rate at a step.
  ///
  /// - Parameters:
  ///   - factor: What `exponential` multiplies the rate with after each `steps` steps.
  ///   - end: The rate of `polynomial` after `steps` steps.
  ///
  /// Source: `configure_learning_rate` of fine-tuning programs for slim.
  public static func learningRate(
    _ decay: LearningRateDecay, _ rate: Double = 1e-4, step: Tensor, steps: Double = 1000, factor: Double = 0.5,
    end: Double = 1e-6
  ) -> Tensor {
    switch decay {
    case .exponential:
      LearningRate.exponentialDecay(rate, step: step, decaySteps: steps, decayRate: factor, staircase: true)
    case .fixed: constant(Float(rate), name: "fixed_learning_rate")
    case .polynomial: LearningRate.polynomialDecay(rate, step: step, decaySteps: steps, endRate: end, power: 1)
    }
  }

  /// Returns a tensor that is the loss; computing it makes a step of training.
  ///
  /// The updates of moving averages come before the loss, which must be a number.
  ///
  /// - Parameters:
  ///   - variablesToTrain: By default all trainable ones.
  ///   - clipGradientNorm: The greatest norm of a gradient; 0 lets all be.
  ///   - summarizeGradients: Whether each gradient and its norm are summarised.
  ///   - gradientMultipliers: What the gradients of variables of these names are multiplied with.
  ///
  /// Source: `slim.learning.create_train_op`.
  public static func createTrainOp(
    _ loss: Tensor, _ optimizer: Optimizer, variablesToTrain: [Variable]? = nil, clipGradientNorm: Double = 0,
    summarizeGradients: Bool = false, gradientMultipliers: [String: Double] = [:]
  ) throws -> Tensor {
    let graph = loss.graph
    let step = try getOrCreateGlobalStep()
    let total = withControlDependencies(on: graph.updateOps()) { identity(loss, name: "total_loss_after_updates") }
    var pairs = try optimizer.computeGradients(of: loss, variables: variablesToTrain)
    pairs = pairs.map { pair in
      var gradient = pair.gradient
      if let factor = gradientMultipliers[pair.variable.name] { gradient = gradient.map { $0 * factor } }
      if clipGradientNorm > 0 { gradient = gradient.map { clipByNorm($0, clipNorm: clipGradientNorm) } }
      return GradientAndVariable(gradient, pair.variable)
    }
    if summarizeGradients {
      for pair in pairs {
        guard let gradient = pair.gradient else { continue }
        Summaries.histogram(pair.variable.name + "/gradient", gradient)
        Summaries.scalar(pair.variable.name + "/gradient_norm", sqrt(reduceSum(square(gradient))))
      }
    }
    let update = try optimizer.applyGradients(pairs, globalStep: step)
    let checked = checkNumerics(total, message: "LossTensor is inf or nan")
    return withControlDependencies(on: [update]) { identity(checked, name: "train_op") }
  }
}

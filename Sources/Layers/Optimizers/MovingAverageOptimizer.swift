import EspalierGradients
import EspalierGraph

/// Moves variables as another optimizer does, and keeps a decaying average of each, with which to evaluate and serve.
///
///     let optimizer = MovingAverageOptimizer(MomentumOptimizer(learningRate: 0.1, momentum: 0.9))
///     let trainOp = try optimizer.minimize(loss, globalStep: step)
///     let saver = Saver(variables: try optimizer.swappedVariables(in: trainOp.graph))
///
/// That saver writes checkpoints in which variables and averages have changed places, so that what reads them uses the
/// averages without knowing of them; restoring by it changes them back.
///
/// Source: `tf.contrib.opt.MovingAverageOptimizer`.
public final class MovingAverageOptimizer: Optimizer {
  private let optimizer: Optimizer
  private let average: ExponentialMovingAverage
  private let isSequential: Bool
  private var averaged: [Variable] = []

  /// Returns an optimizer.
  ///
  /// - Parameters:
  ///   - averageDecay: How much of the old average stays at each step, close to 1.
  ///   - updateCount: The number of updates so far, so that the averages follow fast at first.
  ///   - sequentialUpdate: Whether the averages are updated after the variables; else at the same time, in any order.
  public init(
    _ optimizer: Optimizer, averageDecay: any TensorConvertible = 0.9999,
    updateCount: (any TensorConvertible)? = nil, sequentialUpdate: Bool = true
  ) {
    self.optimizer = optimizer
    average = ExponentialMovingAverage(decay: averageDecay, updateCount: updateCount)
    isSequential = sequentialUpdate
    average.readsAnew = sequentialUpdate
    super.init(name: optimizer.name)
  }

  override var condition: Tensor? {
    didSet { (optimizer.condition, average.condition) = (condition, condition) }
  }

  public override func computeGradients(
    of loss: Tensor, variables: [Variable]? = nil, gateGradients: GateGradients = .none,
    aggregationMethod: AggregationMethod = .addN, colocateGradientsWithOps: Bool = false, gradLoss: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> [GradientAndVariable] {
    try optimizer.computeGradients(
      of: loss, variables: variables, gateGradients: gateGradients, aggregationMethod: aggregationMethod,
      colocateGradientsWithOps: colocateGradientsWithOps, gradLoss: gradLoss, file: file, line: line)
  }

  public override func applyGradients(
    _ pairs: [GradientAndVariable], globalStep: Variable? = nil, name: String? = nil, file: StaticString = #fileID,
    line: Int = #line
  ) throws(GraphError) -> Node {
    let train = try optimizer.applyGradients(pairs, globalStep: globalStep, name: name, file: file, line: line)
    averaged = pairs.filter { $0.gradient != nil }.map(\.variable)
    let node = building(in: train.graph, file, line) {
      let update =
        isSequential
        ? withControlDependencies(on: [train]) { average.apply(averaged, file: file, line: line) }
        : average.apply(averaged, file: file, line: line)
      return group([train, update], name: "train_with_avg")
    }
    try train.graph.check()
    return node
  }

  /// The variables of the optimizer within.
  public override var variables: [Variable] { optimizer.variables }

  public override func slot(_ slotName: String, of variable: Variable) -> Variable? {
    optimizer.slot(slotName, of: variable)
  }

  /// Returns what a saver is to write under which name: averages under the names of their variables, and the reverse.
  ///
  /// - Parameter graph: The graph all of whose `global_variables` are saved.
  /// - Throws: `GraphError` before `minimize` or `applyGradients`.
  ///
  /// Source: `MovingAverageOptimizer.swapping_saver`.
  public func swappedVariables(
    in graph: Graph, file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> [String: Variable] {
    guard !averaged.isEmpty else {
      throw GraphError(
        "Must call apply_gradients or minimize before creating the swapping_saver", file: file, line: line)
    }
    let all = graph.collection(.globalVariables, of: Variable.self)
    var result = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    for variable in averaged {
      guard let average = average.average(of: variable) else { continue }
      (result[variable.name], result[average.name]) = (average, variable)
    }
    return result
  }
}

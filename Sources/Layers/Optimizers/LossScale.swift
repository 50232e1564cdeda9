import EspalierGradients
import EspalierGraph

/// By how much a loss is multiplied before its gradients are computed, so that small ones do not become zero in
/// float16; they are divided by it before they are applied.
///
/// Source: `tf.mixed_precision.LossScale`.
public protocol LossScale: AnyObject {
  /// Returns the factor, a float32 scalar.
  func value() -> Tensor

  /// Returns the node that adapts the factor to gradients, and whether they are to be applied; nil for always.
  func update(_ gradients: [Tensor]) -> (node: Node?, applies: Tensor?)

  /// The variables that the factor depends on.
  var variables: [Variable] { get }
}

/// A factor that stays the same.
///
/// Source: `tf.mixed_precision.FixedLossScale`.
public final class FixedLossScale: LossScale {
  private let number: Double

  /// Returns a factor.
  ///
  /// - Throws: `GraphError` if it is less than 1.
  public init(_ number: Double, file: StaticString = #fileID, line: Int = #line) throws(GraphError) {
    guard number >= 1 else { throw GraphError("loss_scale_value must be at least 1.", file: file, line: line) }
    self.number = number
  }

  public func value() -> Tensor { constant(Float(number), name: "loss_scale") }
  public func update(_ gradients: [Tensor]) -> (node: Node?, applies: Tensor?) { (nil, nil) }
  public var variables: [Variable] { [] }
}

/// A factor that grows while all gradients are finite, and falls when one is not: that step is then left out.
///
/// Variables `current_loss_scale` and `good_steps`, the number of finite steps since the factor changed.
///
/// Source: `tf.mixed_precision.DynamicLossScale`.
public final class DynamicLossScale: LossScale {
  private let incrementPeriod: Int
  private let multiplier: Double
  private let scale: Variable
  private let goodSteps: Variable

  /// Returns a factor; makes its variables in the current graph.
  ///
  /// - Parameters:
  ///   - initialLossScale: The factor at first: large, for it falls fast.
  ///   - incrementPeriod: After how many finite steps in a row it grows.
  ///   - multiplier: By how much it grows and falls; it never falls below 1.
  public init(initialLossScale: Double = 32_768, incrementPeriod: Int = 2000, multiplier: Double = 2) {
    self.incrementPeriod = incrementPeriod
    self.multiplier = multiplier
    (scale, goodSteps) = withoutControlDependencies {
      (
        makeVariable("current_loss_scale", shape: [], initializer: Initializers.constant(initialLossScale)),
        makeVariable("good_steps", shape: [], dataType: .int64, initializer: Initializers.zeros)
      )
    }
  }

  public var variables: [Variable] { [scale, goodSteps] }

  public func value() -> Tensor { scale.value }

  public func update(_ gradients: [Tensor]) -> (node: Node?, applies: Tensor?) {
    let finite = gradients.map { reduceAll(isFinite($0)) }
    let applies = finite.dropFirst().reduce(finite.first ?? constant(true)) { logicalAnd($0, $1) }
    let count = goodSteps.value + constant(Int64(1), name: "one")
    let isDue = greaterEqual(count, constant(Int64(incrementPeriod), name: "increment_period"))
    let old = scale.value
    let grown = old * multiplier
    let kept = select(logicalAnd(isDue, isFinite(grown)), grown, old)
    let fallen = maximum(old / multiplier, constant(Float(1), name: "least"))
    // Both are computed before either is stored.
    let newScale = select(applies, kept, fallen)
    let isCounted = logicalAnd(applies, logicalNot(isDue))
    let newCount = select(isCounted, count, zeros(like: count))
    let stores = withControlDependencies(on: [newScale.node, newCount.node]) {
      [scale.assign(newScale).node, goodSteps.assign(newCount).node]
    }
    return (group(stores, name: "update_loss_scale"), applies)
  }
}

/// Moves variables as another optimizer does, by the gradients of a loss that was multiplied by a factor.
///
///     let optimizer = LossScaleOptimizer(MomentumOptimizer(learningRate: 0.1, momentum: 0.9), DynamicLossScale())
///
/// A step whose gradients are not all finite changes neither variables nor their slots nor the counter of steps.
///
/// Source: `tf.mixed_precision.MixedPrecisionLossScaleOptimizer`.
public final class LossScaleOptimizer: Optimizer {
  private let optimizer: Optimizer
  private let lossScale: any LossScale

  /// Returns an optimizer.
  public init(_ optimizer: Optimizer, _ lossScale: any LossScale) {
    self.optimizer = optimizer
    self.lossScale = lossScale
    super.init(name: optimizer.name)
  }

  override var condition: Tensor? {
    didSet { optimizer.condition = condition }
  }

  /// Returns gradients of the loss itself.
  public override func computeGradients(
    of loss: Tensor, variables: [Variable]? = nil, gateGradients: GateGradients = .none,
    aggregationMethod: AggregationMethod = .addN, colocateGradientsWithOps: Bool = false, gradLoss: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> [GradientAndVariable] {
    let (scale, scaled) = building(in: loss.graph, file, line) {
      let scale = lossScale.value()
      return (scale, loss * cast(scale, to: loss.dataType))
    }
    var pairs = try optimizer.computeGradients(
      of: scaled, variables: variables, gateGradients: gateGradients, aggregationMethod: aggregationMethod,
      colocateGradientsWithOps: colocateGradientsWithOps, gradLoss: gradLoss, file: file, line: line)
    building(in: loss.graph, file, line) {
      let reciprocal = 1 / scale
      for index in pairs.indices {
        pairs[index].gradient = pairs[index].gradient.map { $0 * cast(reciprocal, to: $0.dataType) }
      }
    }
    return pairs
  }

  public override func applyGradients(
    _ pairs: [GradientAndVariable], globalStep: Variable? = nil, name: String? = nil, file: StaticString = #fileID,
    line: Int = #line
  ) throws(GraphError) -> Node {
    let gradients = pairs.compactMap(\.gradient)
    let (update, applies) =
      gradients.isEmpty
      ? (nil, nil) : building(in: gradients[0].graph, file, line) { lossScale.update(gradients) }
    guard let update, let applies else {
      return try optimizer.applyGradients(pairs, globalStep: globalStep, name: name, file: file, line: line)
    }
    let outer = condition
    optimizer.condition = building(in: update.graph, file, line) { outer.map { logicalAnd($0, applies) } ?? applies }
    defer { optimizer.condition = outer }
    let wrapped = try optimizer.applyGradients(
      pairs, globalStep: globalStep, name: (name ?? self.name) + "-wrapped", file: file, line: line)
    return building(in: update.graph, file, line) { group([wrapped, update], name: name ?? self.name) }
  }

  /// The variables of the optimizer within, and those of the factor.
  public override var variables: [Variable] { optimizer.variables + lossScale.variables }

  public override func slot(_ slotName: String, of variable: Variable) -> Variable? {
    optimizer.slot(slotName, of: variable)
  }
}

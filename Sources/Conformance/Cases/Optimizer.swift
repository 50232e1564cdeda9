import EspalierExecutor
import EspalierGraph
import EspalierLayers

extension Cases {
  /// Cases that apply given gradients step by step.
  static let optimizers: [String: @Sendable (GoldenCase) throws -> Deviation] = [
    "optimizer": { try OptimizerRun($0).run() },
    "optimizer_sparse": { try OptimizerRun($0).run() },
    "ema": { try movingAverage($0) },
  ]

  /// Returns the optimizer that a case names, with its arguments.
  fileprivate static func optimizer(_ golden: GoldenCase) throws(ConformanceError) -> Optimizer {
    let attributes = golden.attributes
    func number(_ name: String, _ standard: Double = 0) -> Double { attributes[name]?.double ?? standard }
    let rate = number("learning_rate")
    let nesterov = attributes["use_nesterov"]?.bool ?? false
    switch golden.operation {
    case "GradientDescentOptimizer": return GradientDescentOptimizer(learningRate: rate)
    case "MomentumOptimizer":
      return MomentumOptimizer(learningRate: rate, momentum: number("momentum"), useNesterov: nesterov)
    case "AdamOptimizer":
      return AdamOptimizer(
        learningRate: rate, beta1: number("beta1", 0.9), beta2: number("beta2", 0.999),
        epsilon: number("epsilon", 1e-8))
    case "RMSPropOptimizer":
      return RMSPropOptimizer(
        learningRate: rate, decay: number("decay", 0.9), momentum: number("momentum"),
        epsilon: number("epsilon", 1e-10), centered: attributes["centered"]?.bool ?? false)
    case "AdagradOptimizer":
      return AdagradOptimizer(
        learningRate: rate, initialAccumulatorValue: number("initial_accumulator_value", 0.1))
    case "AdadeltaOptimizer":
      return AdadeltaOptimizer(learningRate: rate, rho: number("rho", 0.95), epsilon: number("epsilon", 1e-8))
    case "FtrlOptimizer":
      return FtrlOptimizer(
        learningRate: rate, l1RegularizationStrength: number("l1_regularization_strength"),
        l2RegularizationStrength: number("l2_regularization_strength"))
    case "ProximalGradientDescentOptimizer":
      return ProximalGradientDescentOptimizer(
        learningRate: rate, l1RegularizationStrength: number("l1_regularization_strength"),
        l2RegularizationStrength: number("l2_regularization_strength"))
    case "LARSOptimizer":
      return LARSOptimizer(
        learningRate: rate, momentum: number("momentum"), weightDecay: number("weight_decay"), eeta: number("eeta"),
        epsilon: number("epsilon"), skipList: attributes["skip_list"]?.elements?.compactMap(\.text) ?? [],
        useNesterov: nesterov)
    default: throw ConformanceError("there is no \(golden.operation)")
    }
  }

  /// Follows a variable that is set to given values with a moving average.
  private static func movingAverage(_ golden: GoldenCase) throws -> Deviation {
    guard let values = golden.content["values"]?.elements, let averages = golden.content["shadow_after"]?.elements,
      let initial = try golden.content["initial"].map(golden.tensor)
    else { throw ConformanceError("\(golden.name) has no values") }
    let counts = golden.attributes["num_updates"]?.doubles
    return try withGraph(Graph()) {
      let w = getVariable("w", shape: initial.shape, initializer: { _, _ in constant(initial) }).variable
      let count = placeholder(.float32, shape: [])
      let keeper = ExponentialMovingAverage(
        decay: golden.attributes["decay"]?.double ?? 0, updateCount: counts == nil ? nil : count)
      let newValue = placeholder(.float32, shape: Shape(initial.shape))
      let assign = w.assign(newValue)
      let update = keeper.apply([w])
      let average = keeper.average(of: w)?.value ?? w.value
      let session = Session(graph: w.graph, configuration: Runner.configuration)
      try session.run(globalVariablesInitializer())
      var deviation = Deviation()
      for (step, value) in values.enumerated() {
        _ = try session.run(assign, feeding: [newValue: try golden.tensor(value)])
        let fed = counts.map { [count: HostTensor(Float($0[step]))] } ?? [:]
        try session.run(update, feeding: fed)
        let want = try golden.tensor(averages[step])
        try deviation.compare(try session.run(average), with: want, golden.tolerance, "average after step \(step)")
      }
      return deviation
    }
  }
}

/// One case of an optimizer: a graph with variables, and gradients that are fed.
private struct OptimizerRun {
  private let golden: GoldenCase
  private let names: [String]
  private let initial: [String: HostTensor]
  private let isSparse: Bool

  init(_ golden: GoldenCase) throws {
    self.golden = golden
    initial = try golden.tensors("initial")
    names = initial.keys.sorted()
    isSparse = golden.kind == "optimizer_sparse"
  }

  func run() throws -> Deviation {
    guard let given = golden.content["gradients_given"]?.elements, let after = golden.content["after_step"]?.elements
    else { throw ConformanceError("\(golden.name) has no steps") }
    return try withGraph(Graph()) {
      let optimizer = try Cases.optimizer(golden)
      let variables = names.compactMap { name in
        initial[name].map { value in
          getVariable(name, shape: value.shape, initializer: { _, _ in constant(value) }).variable
        }
      }
      var feedable: [String: Tensor] = [:]
      let pairs = try gradients(of: variables, like: try golden.tensors(in: given[0]), &feedable)
      let train = try optimizer.applyGradients(pairs)
      let session = Session(graph: BuildContext.current.requiredGraph, configuration: Runner.configuration)
      try session.run(globalVariablesInitializer())
      var deviation = Deviation()
      for (step, gradients) in given.enumerated() {
        var feeds: [Tensor: HostTensor] = [:]
        for (name, value) in try golden.tensors(in: gradients) {
          if let tensor = feedable[name] { feeds[tensor] = value }
        }
        try session.run(train, feeding: feeds)
        for variable in variables {
          guard let want = after[step][variable.name] else { continue }
          try deviation.compare(
            try session.run(variable.value), with: try golden.tensor(want), golden.tolerance,
            "\(variable.name) after step \(step)")
        }
      }
      try compareSlots(optimizer, variables, session, &deviation)
      return deviation
    }
  }

  /// Returns gradients that are fed, with the gradient of weight decay added.
  private func gradients(
    of variables: [Variable], like values: [String: HostTensor], _ feedable: inout [String: Tensor]
  ) throws -> [GradientAndVariable] {
    for (name, value) in values { feedable[name] = placeholder(value.dataType, shape: Shape(value.shape)) }
    if isSparse, let rows = feedable["values"], let indices = feedable["indices"] {
      return variables.map { GradientAndVariable(IndexedSlices(values: rows, indices: indices), $0) }
    }
    let decay = golden.content["weight_decay"]?.double ?? 0
    return variables.map { variable in
      let gradient = feedable[variable.name].map { decay == 0 ? $0 : $0 + decay * variable.value }
      return GradientAndVariable(gradient, variable)
    }
  }

  private func compareSlots(
    _ optimizer: Optimizer, _ variables: [Variable], _ session: Session, _ deviation: inout Deviation
  ) throws {
    for variable in variables {
      for (name, want) in golden.content["slots_after_last"]?[variable.name]?.members ?? [:] {
        guard let slot = optimizer.slot(name, of: variable) else {
          deviation.note("\(variable.name) has no slot \(name)")
          continue
        }
        try deviation.compare(
          try session.run(slot.value), with: try golden.tensor(want), golden.tolerance, "\(variable.name)/\(name)")
      }
    }
  }
}

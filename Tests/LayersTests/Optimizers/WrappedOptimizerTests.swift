import EspalierExecutor
import EspalierGraph
import EspalierLayers
import Testing

/// Optimizers with regularization, and those that work with another one within.
@Suite struct WrappedOptimizerTests {
  /// What TensorFlow 2.15 computes for x = [1, 2], g = [0.1, −0.2], rate 0.1.
  @Test(arguments: [
    (false, 0, 0, [-0.0301511, 0.0534522, -0.0577350, 0.0942809, -0.0832050, 0.1279204]),
    (false, 0.01, 0.1, [-0.0263418, 0.0494578, -0.0491253, 0.0855347, -0.0691324, 0.1142190]),
    (true, 0, 0, [0.9698489, 2.0534523, 0.9409813, 2.1005926, 0.9132463, 2.1432328]),
    (true, 0.01, 0.1, [0.9385359, 1.9973969, 0.8813395, 1.9951541, 0.8278700, 1.9931679]),
  ])
  func regularizedAdagradFollowsTensorFlow(isProximal: Bool, l1: Double, l2: Double, expected: [Double]) throws {
    let trial = try Trial {
      let x = getVariable("x", shape: [2], initializer: Initializers.constant([1, 2])).variable
      let step = try getOrCreateGlobalStep()
      let optimizer: Optimizer =
        isProximal
        ? ProximalAdagradOptimizer(learningRate: 0.1, l1RegularizationStrength: l1, l2RegularizationStrength: l2)
        : AdagradDAOptimizer(
          learningRate: 0.1, globalStep: step, l1RegularizationStrength: l1, l2RegularizationStrength: l2)
      let pair = GradientAndVariable(constant([0.1, -0.2] as [Float]), x)
      return (x: x, train: try optimizer.applyGradients([pair], globalStep: step), optimizer: optimizer)
    }
    var found: [Double] = []
    for _ in 0..<3 {
      try trial.session.run(trial.nodes.train)
      found += try trial.values(trial.nodes.x.value)
    }
    #expect(agree(found, expected, within: 2e-7))
    let optimizer = trial.nodes.optimizer
    #expect(optimizer.variables.map(\.name) == (isProximal ? ["x/ProximalAdagrad"] : ["x/AdagradDA", "x/AdagradDA_1"]))
    #expect(
      optimizer.slotNames == (isProximal ? ["accumulator"] : ["gradient_accumulator", "gradient_squared_accumulator"]))
  }

  private struct Scaled {
    let x: Variable
    let factor: Tensor
    let train: Node
    let optimizer: Optimizer
    let step: Variable
  }

  private func scaled(_ optimizer: Optimizer, _ scale: () throws -> any LossScale) throws -> Trial<Scaled> {
    try Trial {
      let x = getVariable("x", shape: [2], initializer: Initializers.constant([1, 2])).variable
      let step = try getOrCreateGlobalStep()
      let factor = placeholder(shape: [], name: "factor")
      let optimizer = LossScaleOptimizer(optimizer, try scale())
      let loss = reduceSum(square(x.value) * factor)
      return Scaled(
        x: x, factor: factor, train: try optimizer.minimize(loss, globalStep: step), optimizer: optimizer, step: step)
    }
  }

  /// What TensorFlow 2.15 computes: x, step, scale and good steps after each of six steps.
  @Test(arguments: [
    (false, [0.8, 0.8, 0.46, 0.062, 0.062, -0.3024]), (true, [0.9, 0.9, 0.8004126, 0.7015873, 0.7015873, 0.6098784]),
  ])
  func stepsThatAreNotFiniteAreLeftOut(isAdam: Bool, expected: [Double]) throws {
    let trial = try scaled(
      isAdam ? AdamOptimizer(learningRate: 0.1) : MomentumOptimizer(learningRate: 0.1, momentum: 0.9)
    ) {
      DynamicLossScale(initialLossScale: 8, incrementPeriod: 2, multiplier: 2)
    }
    let nodes = trial.nodes
    let names = nodes.optimizer.variables.map(\.name)
    #expect(names.suffix(2) == ["current_loss_scale", "good_steps"])
    let variables = trial.graph.collection(.globalVariables, of: Variable.self)
    let watched =
      try [nodes.x, nodes.step]
      + names.suffix(2).map { name in
        try #require(variables.first { $0.name == name })
      }
    var found: [[Double]] = []
    for factor: Float in [1, .infinity, 1, 1, .nan, 0.5] {
      try trial.session.run(nodes.train, feeding: [nodes.factor: HostTensor(factor)])
      found.append(try watched.map { try trial.value($0.value) })
    }
    #expect(agree(found.map { $0[0] }, expected, within: 5e-7))
    #expect(found.map { $0[1] } == [1, 1, 2, 3, 3, 4])
    #expect(found.map { $0[2] } == [8, 4, 4, 8, 4, 4])
    #expect(found.map { $0[3] } == [1, 0, 1, 0, 0, 1])
    #expect(nodes.train.name == (isAdam ? "Adam" : "Momentum"))
  }

  @Test func aFixedScaleChangesNothing() throws {
    let trial = try scaled(GradientDescentOptimizer(learningRate: 0.1)) { try FixedLossScale(128) }
    try trial.session.run(trial.nodes.train, feeding: [trial.nodes.factor: HostTensor(Float(1))])
    #expect(agree(try trial.values(trial.nodes.x.value), [0.8, 1.6]))
    let error = #expect(throws: GraphError.self) { try FixedLossScale(0.5) }
    #expect(error?.message == "loss_scale_value must be at least 1.")
  }

  @Test func averagesFollowTheVariables() throws {
    let trial = try Trial {
      let x = getVariable("x", shape: [2], initializer: Initializers.constant([1, 2])).variable
      let step = try getOrCreateGlobalStep()
      let optimizer = MovingAverageOptimizer(MomentumOptimizer(learningRate: 0.1, momentum: 0), averageDecay: 0.9)
      let early = #expect(throws: GraphError.self) { try optimizer.swappedVariables(in: x.graph) }
      #expect(early?.message == "Must call apply_gradients or minimize before creating the swapping_saver")
      let pair = GradientAndVariable(constant([0.1, -0.2] as [Float]), x)
      return (x: x, train: try optimizer.applyGradients([pair], globalStep: step), optimizer: optimizer)
    }
    let swapped = try trial.nodes.optimizer.swappedVariables(in: trial.graph)
    #expect(
      swapped.mapValues(\.name) == [
        "x": "x/ExponentialMovingAverage", "x/ExponentialMovingAverage": "x", "x/Momentum": "x/Momentum",
        "global_step": "global_step",
      ])
    let average = try #require(swapped["x"])
    var found: [Double] = []
    for _ in 0..<2 {
      try trial.session.run(trial.nodes.train)
      found += try trial.values(average.value)
    }
    #expect(agree(found, [0.999, 2.002, 0.9971, 2.0058]))
    #expect(trial.nodes.train.name == "train_with_avg")
  }

  @Test func averagesStandStillInStepsThatAreLeftOut() throws {
    let trial = try scaled(
      MovingAverageOptimizer(GradientDescentOptimizer(learningRate: 0.1), averageDecay: 0.5)
    ) {
      DynamicLossScale(initialLossScale: 8)
    }
    let average = try #require(
      trial.graph.collection(.globalVariables, of: Variable.self).first { $0.name == "x/ExponentialMovingAverage" })
    for (factor, expected): (Float, [Double]) in [(1, [0.9, 1.8]), (.infinity, [0.9, 1.8]), (1, [0.77, 1.54])] {
      try trial.session.run(trial.nodes.train, feeding: [trial.nodes.factor: HostTensor(factor)])
      #expect(agree(try trial.values(average.value), expected))
    }
  }
}

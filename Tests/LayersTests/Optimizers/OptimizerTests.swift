import EspalierGradients
import EspalierGraph
import EspalierLayers
import Testing

/// What TensorFlow 2.15 computes for x = [1, 2], g = [0.1, −0.2].
@Suite struct OptimizerTests {
  struct Recipe: CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable () -> Optimizer
    let first: [Double]
    let names: [String]
  }

  /// Returns the weights of a small network after three steps, and the name of the first gradient.
  private func trained(_ gate: GateGradients, _ method: AggregationMethod) throws -> (weights: [[Double]], name: String)
  {
    let trial = try Trial {
      let pixels: [Float] = (0..<216).map { Float($0 % 13) / 13 - 0.5 }
      let x = constant(pixels, shape: [2, 6, 6, 3])
      let y = Layers.conv2D(x, filters: 4, kernelSize: 3, padding: .same)
      let z = relu(Layers.batchNormalization(y, training: true)) + y
      let logits = Layers.dense(reduceMean(z, axes: [1, 2]), units: 2)
      let loss = reduceMean(square(logits))
      let optimizer = MomentumOptimizer(learningRate: 0.1, momentum: 0.9)
      let pairs = try optimizer.computeGradients(
        of: loss, gateGradients: gate, aggregationMethod: method, colocateGradientsWithOps: true)
      return (train: try optimizer.applyGradients(pairs), name: pairs[0].gradient?.name ?? "")
    }
    for _ in 0..<3 { try trial.session.run(trial.nodes.train) }
    let weights = try trainableVariables(in: trial.graph).map { try trial.values($0.value) }
    return (weights, trial.nodes.name)
  }

  @Test(arguments: GateGradients.allCases) func gatesChangeNoNumbers(_ gate: GateGradients) throws {
    let plain = try trained(.none, .addN)
    let gated = try trained(gate, .addN)
    #expect(gated.weights == plain.weights && !plain.weights.isEmpty)
    #expect(gated.name.hasPrefix("tuple/control_dependency") == (gate == .graph))
    #expect(gated.name.contains("_grad/tuple/control_dependency") == (gate == .op))
    let tree = try trained(gate, .experimentalTree)
    #expect(zip(tree.weights, plain.weights).allSatisfy { agree($0, $1, within: 1e-6) })
  }

  static let recipes = [
    Recipe(
      testDescription: "gradient descent", make: { GradientDescentOptimizer(learningRate: 0.1) },
      first: [0.99, 0.98, 0.97], names: []),
    Recipe(
      testDescription: "momentum", make: { MomentumOptimizer(learningRate: 0.1, momentum: 0.9) },
      first: [0.99, 0.971, 0.9439], names: ["x/Momentum"]),
    Recipe(
      testDescription: "Nesterov",
      make: { MomentumOptimizer(learningRate: 0.1, momentum: 0.9, useNesterov: true) },
      first: [0.981, 0.9539, 0.91951], names: ["x/Momentum"]),
    Recipe(
      testDescription: "Adam", make: { AdamOptimizer(learningRate: 0.001) }, first: [0.999, 0.998, 0.997],
      names: ["beta1_power", "beta2_power", "x/Adam", "x/Adam_1"]),
    Recipe(
      testDescription: "RMSProp",
      make: { RMSPropOptimizer(learningRate: 0.01, decay: 0.9, momentum: 0.9, epsilon: 1e-10) },
      first: [0.9989465, 0.9968885, 0.9938673], names: ["x/RMSProp", "x/RMSProp_1"]),
    Recipe(
      testDescription: "Adagrad", make: { AdagradOptimizer(learningRate: 0.1) },
      first: [0.9698489, 0.9409813, 0.9132463], names: ["x/Adagrad"]),
    Recipe(
      testDescription: "Ftrl", make: { FtrlOptimizer(learningRate: 0.1) },
      first: [0.0163863, -0.0124812, -0.0402163], names: ["x/Ftrl", "x/Ftrl_1"]),
    Recipe(
      testDescription: "Adadelta", make: { AdadeltaOptimizer(learningRate: 1) },
      first: [0.9995528, 0.9990998, 0.9986431], names: ["x/Adadelta", "x/Adadelta_1"]),
  ]

  @Test(arguments: recipes) func followsTensorFlow(_ recipe: Recipe) throws {
    let trial = try Trial {
      let x = getVariable("x", shape: [2], initializer: Initializers.constant([1, 2])).variable
      let step = try getOrCreateGlobalStep()
      let optimizer = recipe.make()
      let pair = GradientAndVariable(constant([0.1, -0.2] as [Float]), x)
      return (x: x, step: step, train: try optimizer.applyGradients([pair], globalStep: step), optimizer: optimizer)
    }
    var first: [Double] = []
    for _ in 0..<3 {
      try trial.session.run(trial.nodes.train)
      first.append(try trial.value(trial.nodes.x.value))
    }
    #expect(agree(first, recipe.first, within: 2e-7))
    #expect(try trial.value(trial.nodes.step.value) == 3)
    #expect(trial.nodes.optimizer.variables.map(\.name) == recipe.names)
    #expect(trial.nodes.train.name == trial.nodes.optimizer.name)
    #expect(trial.graph.collection(.trainOp, of: Node.self) == [trial.nodes.train])
    let saved = Set(trial.graph.collection(.globalVariables, of: Variable.self).map(\.name))
    #expect(saved == Set(["x", "global_step"] + recipe.names))
  }

  @Test func centeredRMSPropHasThreeSlots() throws {
    let trial = try Trial {
      let x = getVariable("x", shape: [2], initializer: Initializers.constant([1, 2])).variable
      let optimizer = RMSPropOptimizer(learningRate: 0.01, centered: true)
      _ = try optimizer.applyGradients([GradientAndVariable(constant([0.1, -0.2] as [Float]), x)])
      return optimizer
    }
    #expect(trial.nodes.variables.map(\.name) == ["x/RMSProp", "x/RMSProp_1", "x/RMSProp_2"])
    #expect(trial.nodes.slotNames == ["rms", "mg", "momentum"])
  }

  /// The rate stands outside the accumulator, and is read before the step counter goes up.
  @Test func momentumFollowsASchedule() throws {
    let trial = try Trial {
      let x = getVariable("x", shape: [1], initializer: Initializers.ones).variable
      let step = try getOrCreateGlobalStep()
      let rate = LearningRate.piecewiseConstant(step.value, boundaries: [1, 2], values: [0.1, 0.01, 0.001])
      let optimizer = MomentumOptimizer(learningRate: rate, momentum: 0.9)
      let pair = GradientAndVariable(constant([1] as [Float]), x)
      return (x: x, rate: rate, train: try optimizer.applyGradients([pair], globalStep: step))
    }
    var rates: [Double] = []
    var values: [Double] = []
    for _ in 0..<4 {
      let fetched = try trial.session.run([trial.nodes.rate], targets: [trial.nodes.train])
      rates.append(try fetched[0].doubles()[0])
      values.append(try trial.value(trial.nodes.x.value))
    }
    #expect(agree(rates, [0.1, 0.1, 0.01, 0.001], within: 1e-8))
    #expect(agree(values, [0.9, 0.71, 0.6829, 0.67946]))
  }

  @Test func minimizeMovesWhatTheLossDependsOn() throws {
    let trial = try Trial {
      let w = getVariable("w", shape: [2], initializer: Initializers.constant([3, 4])).variable
      let unused = getVariable("unused", shape: [2], initializer: Initializers.ones).variable
      let optimizer = GradientDescentOptimizer(learningRate: 0.5)
      return (w: w, unused: unused, train: try optimizer.minimize(l2Loss(w.value)))
    }
    try trial.session.run(trial.nodes.train)
    #expect(try trial.values(trial.nodes.w.value) == [1.5, 2])
    #expect(try trial.values(trial.nodes.unused.value) == [1, 1])
    #expect(trial.graph.node(named: "GradientDescent/update_w/ApplyGradientDescent") != nil)
    #expect(trial.graph.node(named: "GradientDescent/learning_rate") != nil)
  }

  @Test func mistakesAreSaidInTensorFlowsWords() throws {
    let graph = Graph()
    withGraph(graph) {
      let optimizer = GradientDescentOptimizer(learningRate: 0.5)
      let loss = reduceSum(constant([1, 2] as [Float]))
      let line = #line + 1
      let empty = #expect(throws: GraphError.self) { _ = try optimizer.minimize(loss) }
      #expect(empty?.message == "No variables to optimize.")
      #expect(empty?.site?.location?.line == line)
      _ = getVariable("w", shape: [2])
      let unconnected = #expect(throws: GraphError.self) { _ = try optimizer.minimize(loss) }
      #expect(
        unconnected?.message == "No gradients provided for any variable, check your graph for ops that do not support "
          + "gradients, between variables ['w'] and loss Sum:0.")
      _ = #expect(throws: GraphError.self) { _ = try optimizer.applyGradients([]) }
    }
  }

  @Test func sparseGradientsTouchOnlyTheirRows() throws {
    let trial = try Trial {
      let v = getVariable("v", shape: [3, 2], initializer: Initializers.ones).variable
      let slices = IndexedSlices(
        values: constant([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]), indices: constant([2, 0, 2] as [Int64]))
      let optimizer = MomentumOptimizer(learningRate: 0.1, momentum: 0.9)
      let train = try optimizer.applyGradients([GradientAndVariable(slices, v)])
      let spread = try optimizer.applyGradients([
        GradientAndVariable(constant([Float](repeating: 1, count: 6), shape: [3, 2]), v)
      ])
      return (v: v, train: train, spread: spread)
    }
    try trial.session.run(trial.nodes.train)
    #expect(agree(try trial.values(trial.nodes.v.value), [0.7, 0.6, 1, 1, 0.4, 0.2]))
    try trial.session.run(trial.nodes.spread)
    let before = try trial.values(trial.nodes.v.value)
    try trial.session.run(trial.nodes.train)
    // Row 1 was not named: neither it nor its momentum moves.
    #expect(try Array(trial.values(trial.nodes.v.value)[2..<4]) == Array(before[2..<4]))
  }
}

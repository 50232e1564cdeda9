import EspalierGraph
import EspalierLayers
import Testing

@Suite struct TrainingTests {
  @Test func thereIsOneGlobalStep() throws {
    let graph = Graph()
    try withGraph(graph) {
      #expect(try globalStep() == nil)
      let step = try variableScope("inside") { try getOrCreateGlobalStep() }
      #expect(step.name == "global_step")
      #expect(step.dataType == .int64 && step.shape.isEmpty && !step.isTrainable)
      #expect(try getOrCreateGlobalStep() == step)
      #expect(try globalStep(in: graph) == step)
      let error = #expect(throws: GraphError.self) { try createGlobalStep() }
      #expect(error?.message == "\"global_step\" already exists.")
    }
    #expect(graph.collection(.globalStep, of: Variable.self).map(\.name) == ["global_step"])
  }

  @Test func gradientsOfTowersAreAveraged() throws {
    let trial = try Trial {
      let (v, w) = (getVariable("v", shape: [2]).variable, getVariable("w", shape: [1]).variable)
      let towers = [
        [GradientAndVariable(constant([1, 2] as [Float]), v), GradientAndVariable(constant([5] as [Float]), w)],
        [GradientAndVariable(constant([3, 6] as [Float]), v), GradientAndVariable(nil, w)],
      ]
      return averageGradients(towers)
    }
    #expect(trial.nodes.map(\.variable.name) == ["v", "w"])
    let values = try trial.nodes.map { try trial.values(#require($0.gradient)) }
    #expect(values == [[2, 4], [5]])
  }

  @Test func movingAveragesFollow() throws {
    let trial = try Trial {
      let w = getVariable("w", shape: [1], initializer: Initializers.ones).variable
      let keeper = ExponentialMovingAverage(decay: 0.99, updateCount: 3)
      return (w: w, set: w.assign(constant([2] as [Float])), update: keeper.apply([w]), keeper: keeper)
    }
    _ = try trial.session.run(trial.nodes.set)
    try trial.session.run(trial.nodes.update)
    let average = try #require(trial.nodes.keeper.average(of: trial.nodes.w))
    #expect(average.name == "w/ExponentialMovingAverage")
    #expect(agree(try trial.values(average.value), [1.6923077]))
    let restored = trial.nodes.keeper.variablesToRestore(in: trial.graph)
    #expect(restored == ["w/ExponentialMovingAverage": trial.nodes.w])
  }

  @Test func debiasedAveragesBeginAtTheFirstValue() throws {
    let trial = try Trial {
      let average = getVariable("mm", shape: [1], initializer: Initializers.zeros, trainable: false).variable
      return assignDebiasedMovingAverage(average, constant([2] as [Float]), decay: 0.9)
    }
    #expect(agree(try trial.values(trial.nodes), [2], within: 1e-6))
    let names = trial.graph.collection(.globalVariables, of: Variable.self).map(\.name)
    #expect(names == ["mm", "mm/biased", "mm/local_step"])
  }
}

import EspalierGraph
import EspalierLayers
import Testing

/// What TensorFlow 2.15 makes of 0…15 as images of 2 × 2 × 2 × 2, with a momentum of 0.9.
@Suite struct BatchNormalizationTests {
  private func build(_ training: any TrainingFlag, fused: Bool) -> Tensor {
    let x = constant((0..<16).map { Float($0) }, shape: [2, 2, 2, 2])
    return Layers.batchNormalization(x, momentum: 0.9, epsilon: 1e-3, training: training, fused: fused)
  }

  private func moving(_ trial: Trial<some Any>) throws -> [Double] {
    try ["moving_mean", "moving_variance"].flatMap { name in
      try trial.session.variables.value(of: "batch_normalization/" + name)?.doubles() ?? []
    }
  }

  @Test(arguments: [(true, 3.3), (false, 3.0)]) func trains(_ fused: Bool, _ variance: Double) throws {
    let trial = try Trial { build(true, fused: fused) }
    #expect(try moving(trial) == [0, 0, 1, 1])
    let y = try trial.values(trial.nodes)
    #expect(Swift.abs(y[0] + 1.527489) < 1e-5)
    #expect(try moving(trial) == [0, 0, 1, 1], "updates run only when they are asked for")
    _ = try trial.session.run([], targets: trial.graph.updateOps())
    #expect(agree(try moving(trial), [0.7, 0.8, variance, variance], within: 1e-5))
  }

  @Test(arguments: [true, false]) func appliesTheMovingStatistics(_ fused: Bool) throws {
    let trial = try Trial { build(false, fused: fused) }
    #expect(trial.graph.updateOps().isEmpty)
    let y = try trial.values(trial.nodes)
    let scale = 1 / 1.001.squareRoot()
    #expect(agree(y, (0..<16).map { Double($0) * scale }, within: 1e-5))
  }

  @Test(arguments: [true, false]) func aTensorCanDecide(_ fused: Bool) throws {
    let trial = try Trial {
      let flag = placeholder(.bool, shape: [])
      return (flag: flag, y: build(flag, fused: fused))
    }
    let updates = trial.graph.updateOps()
    func run(_ isTraining: Bool) throws -> Double {
      let feeds = [trial.nodes.flag: HostTensor(isTraining)]
      return try trial.session.run([trial.nodes.y], targets: updates, feeding: feeds)[0].doubles()[1]
    }
    #expect(Swift.abs(try run(false) - 1 / 1.001.squareRoot()) < 1e-5)
    #expect(try moving(trial) == [0, 0, 1, 1])
    #expect(Swift.abs(try run(true) + 1.527489) < 1e-5)
    #expect(agree(Array(try moving(trial).prefix(2)), [0.7, 0.8]))
  }
}

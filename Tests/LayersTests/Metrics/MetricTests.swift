import EspalierGraph
import EspalierLayers
import Testing

@Suite struct MetricTests {
  @Test func accuracyOfABatchForgetsTheOthers() throws {
    let trial = try Trial {
      let labels = placeholder(.int32, shape: [nil, 1])
      let predictions = placeholder(.int64, shape: [nil])
      return (
        labels: labels, predictions: predictions,
        accuracy: Metrics.batchAccuracy(labels: labels, predictions: predictions)
      )
    }
    let nodes = trial.nodes
    for (predictions, share) in [([0, 2] as [Int64], 0.5), ([0, 1], 1), ([3, 3], 0)] {
      let labels = try HostTensor([0, 1] as [Int32], shape: [2, 1])
      let value: Double = try trial.value(
        nodes.accuracy, feeding: [nodes.labels: labels, nodes.predictions: HostTensor(predictions)])
      #expect(value == share)
    }
    #expect(trial.graph.collection(.localVariables, of: Variable.self).isEmpty)
  }

  @Test func accuracyGathersBatches() throws {
    let trial = try Trial {
      let labels = placeholder(.int32, shape: [nil])
      let predictions = placeholder(.int64, shape: [nil])
      return (
        labels: labels, predictions: predictions,
        accuracy: Metrics.accuracy(labels: labels, predictions: predictions)
      )
    }
    let nodes = trial.nodes
    func update(_ labels: [Int32], _ predictions: [Int64]) throws -> Double {
      try trial.value(
        nodes.accuracy.update,
        feeding: [nodes.labels: HostTensor(labels), nodes.predictions: HostTensor(predictions)])
    }
    #expect(try trial.value(nodes.accuracy.value) == 0)
    #expect(Swift.abs(try update([0, 1, 2], [0, 1, 1]) - 0.666667) < 1e-6)
    #expect(try update([1], [0]) == 0.5)
    #expect(try trial.value(nodes.accuracy.value) == 0.5)
    let locals = trial.graph.collection(.localVariables, of: Variable.self)
    #expect(locals.map(\.name) == ["accuracy/total", "accuracy/count"])
    #expect(trial.graph.collection(.metricVariables, of: Variable.self) == locals)
    #expect(trial.graph.collection(.globalVariables, of: Variable.self).isEmpty)
  }

  @Test func secondMetricsHaveSumsOfTheirOwn() throws {
    let trial = try Trial {
      variableScope("tower", reuse: true) {
        [Metrics.mean(constant([1, 2] as [Float])), Metrics.mean(constant([4] as [Float]))]
      }
    }
    let updates = trial.nodes.map(\.update)
    #expect(try trial.session.run(updates).flatMap { try $0.doubles() } == [1.5, 4])
    let names = trial.graph.collection(.localVariables, of: Variable.self).map(\.name)
    #expect(names == ["tower/mean/total", "tower/mean/count", "tower/mean_1/total", "tower/mean_1/count"])
  }
}

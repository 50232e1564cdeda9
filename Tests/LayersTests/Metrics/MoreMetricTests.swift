import EspalierGraph
import EspalierLayers
import Testing

/// Two batches through each metric, and what TensorFlow 2.15 says of the same ones.
@Suite struct MoreMetricTests {
  private static let scores: [[Float]] = [[0.1, 0.6, 0.35, 0.8], [0.9, 0.45, 0.2, 0.7]]
  private static let events: [[Float]] = [[0, 1, 1, 1], [1, 0, 0, 1]]
  private static let weights: [[Float]] = [[1, 2, 0.5, 1], [1, 1, 3, 0]]

  /// Returns the values after both batches, which must be those of the last update too.
  private func values(
    _ batches: [[HostTensor]], _ build: (_ inputs: [Tensor]) -> Metric
  ) throws -> [Double] {
    let trial = try Trial {
      let inputs = batches[0].map { placeholder($0.dataType, shape: Shape($0.shape)) }
      return (inputs: inputs, metric: build(inputs))
    }
    let (inputs, metric) = trial.nodes
    var updated: [Double] = []
    for batch in batches {
      updated = try trial.session.run(
        metric.update, feeding: Dictionary(uniqueKeysWithValues: zip(inputs, batch))
      ).doubles()
    }
    let values = try trial.session.run(metric.value).doubles()
    #expect(values == updated)
    return values
  }

  private func ofEvents(_ build: (_ labels: Tensor, _ scores: Tensor, _ weights: Tensor) -> Metric) throws -> [Double] {
    let batches = (0..<2).map { index in
      [HostTensor(Self.events[index]), HostTensor(Self.scores[index]), HostTensor(Self.weights[index])]
    }
    return try values(batches) { build($0[0], $0[1], $0[2]) }
  }

  private func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(found)")
  }

  @Test func countsAtThresholds() throws {
    let thresholds = [0.3, 0.5, 0.75]
    expectClose(
      try ofEvents {
        Metrics.truePositivesAtThresholds(labels: $0, predictions: $1, thresholds: thresholds, weights: $2)
      },
      [4.5, 4, 2])
    expectClose(
      try ofEvents {
        Metrics.falsePositivesAtThresholds(labels: $0, predictions: $1, thresholds: thresholds, weights: $2)
      }, [1, 0, 0])
    expectClose(
      try ofEvents {
        Metrics.trueNegativesAtThresholds(labels: $0, predictions: $1, thresholds: thresholds, weights: $2)
      },
      [4, 5, 5])
    expectClose(
      try ofEvents {
        Metrics.falseNegativesAtThresholds(labels: $0, predictions: $1, thresholds: thresholds, weights: $2)
      }, [0, 0.5, 2.5])
  }

  @Test func sharesAtTheBestThreshold() throws {
    expectClose(
      try ofEvents { Metrics.sensitivityAtSpecificity(labels: $0, predictions: $1, specificity: 0.6, weights: $2) }, [1]
    )
    expectClose(
      try ofEvents { Metrics.specificityAtSensitivity(labels: $0, predictions: $1, sensitivity: 0.6, weights: $2) }, [1]
    )
  }

  @Test func precisionsOfTheBestClasses() throws {
    let labels: [[Int64]] = [[1, 2, 2, 3], [0, 1, 3, 0]]
    let scores: [[Float]] = [[0.1, 0.5, 0.2, 0.2, 0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.3, 0.2, 0, 0.1, 0.2, 0.7]]
    let weights: [[Float]] = [[1, 2], [0.5, 1]]
    let batches = try (0..<2).map { index in
      [
        try HostTensor(labels[index], shape: [2, 2]), try HostTensor(scores[index], shape: [2, 4]),
        HostTensor(weights[index]),
      ]
    }
    expectClose(
      try values(batches) { Metrics.precisionAtK(labels: $0[0], predictions: $0[1], k: 2, weights: $0[2]) },
      [0.3888888888888889])
    expectClose(try values(batches) { Metrics.precisionAtK(labels: $0[0], predictions: $0[1], k: 2) }, [0.5])
    expectClose(
      try values(batches) { Metrics.averagePrecisionAtK(labels: $0[0], predictions: $0[1], k: 3, weights: $0[2]) },
      [0.4722222222222222])
    expectClose(try values(batches) { Metrics.averagePrecisionAtK(labels: $0[0], predictions: $0[1], k: 3) }, [0.5625])
  }

  private func ofClasses(
    labels: [[Int64]] = [[1, 2, 2, 3], [0, 1, 3, 0]],
    _ build: (_ labels: Tensor, _ classes: Tensor, _ weights: Tensor) -> Metric
  ) throws -> [Double] {
    let classes: [[Int32]] = [[1, 3, 0, 1], [2, 2, 3, 2]]
    let weights: [[Float]] = [[1, 2], [0.5, 1]]
    let batches = try (0..<2).map { index in
      [
        try HostTensor(labels[index], shape: [2, 2]), try HostTensor(classes[index], shape: [2, 2]),
        HostTensor(weights[index]),
      ]
    }
    return try values(batches) { build($0[0], $0[1], $0[2]) }
  }

  @Test func sharesOfPredictedClasses() throws {
    // The class 2 was predicted twice for one example, which counts once.
    expectClose(try ofClasses { l, c, _ in Metrics.precisionAtTopK(labels: l, predictedClasses: c) }, [2 / 7])
    expectClose(
      try ofClasses { Metrics.precisionAtTopK(labels: $0, predictedClasses: $1, weights: $2) }, [0.23529411764705882])
    expectClose(try ofClasses { l, c, _ in Metrics.precisionAtTopK(labels: l, predictedClasses: c, classID: 3) }, [0.5])
    expectClose(try ofClasses { l, c, _ in Metrics.recallAtTopK(labels: l, predictedClasses: c, k: 2) }, [0.25])
    expectClose(
      try ofClasses { Metrics.recallAtTopK(labels: $0, predictedClasses: $1, weights: $2) }, [0.2222222222222222])
    // Labels that stand twice, and one that is no class.
    let doubled: [[Int64]] = [[1, 1, 2, 3], [0, -1, 3, 3]]
    expectClose(
      try ofClasses(labels: doubled) { l, c, _ in Metrics.recallAtTopK(labels: l, predictedClasses: c) }, [1 / 3])
    expectClose(
      try ofClasses(labels: doubled) { Metrics.recallAtTopK(labels: $0, predictedClasses: $1, weights: $2) },
      [0.2857142857142857])
  }

  @Test func sharesOfTheBestOfOneClass() throws {
    let labels: [[Int64]] = [[1, 2, 2, 3], [0, 1, 3, 0]]
    let scores: [[Float]] = [[0.1, 0.5, 0.2, 0.2, 0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.3, 0.2, 0, 0.1, 0.2, 0.7]]
    let batches = try (0..<2).map { index in
      [
        try HostTensor(labels[index], shape: [2, 2]), try HostTensor(scores[index], shape: [2, 4]),
        HostTensor([[1, 2], [0.5, 1]][index] as [Float]),
      ]
    }
    var names: Set<String> = []
    let precision = try values(batches) {
      let metric = Metrics.precisionAtK(labels: $0[0], predictions: $0[1], k: 2, classID: 2, weights: $0[2])
      names = Set(metric.value.graph.collection(.metricVariables, of: Variable.self).map(\.name))
      return metric
    }
    expectClose(precision, [0.4])
    #expect(
      names == ["precision_at_2_class2/true_positive_at_2_class2", "precision_at_2_class2/false_positive_at_2_class2"])
    expectClose(
      try values(batches) {
        Metrics.recallAtK(labels: $0[0], predictions: $0[1], k: 2, classID: 2, weights: $0[2])
      }, [1.0 / 3])
    expectClose(
      try values(batches) { Metrics.recallAtK(labels: $0[0], predictions: $0[1], k: 2, weights: $0[2]) },
      [0.3888888888888889])
  }

  @Test func errorsAndMeans() throws {
    let scores: [[Float]] = [[0.1, 0.5, 0.2, 0.2, 0.4, 0.3, 0.2, 0.1], [0.25, 0.25, 0.3, 0.2, 0, 0.1, 0.2, 0.7]]
    let vectors = try scores.map { row in
      [try HostTensor(row, shape: [2, 4]), try HostTensor(Array(row[4...] + row[..<4]), shape: [2, 4])]
    }
    expectClose(
      try values(vectors) { Metrics.meanCosineDistance(labels: $0[0], predictions: $0[1], axis: 1) },
      [0.762499988079071])
    let pairs = (0..<2).map { [HostTensor(Self.scores[$0]), HostTensor(Self.weights[$0])] }
    expectClose(
      try values(pairs) {
        Metrics.meanRelativeError(labels: $0[0], predictions: $0[1], normalizer: $0[1] * 2 - 0.4)
      }, [0.0603298544883728])
    expectClose(
      try values(pairs) { Metrics.meanTensor($0[0], weights: $0[1]) }, [0.5, 0.55, 0.22142858803272247, 0.8])
  }
}

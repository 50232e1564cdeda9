import EspalierGraph
import EspalierLayers
import Testing

@Suite struct LossTests {
  /// Builds the loss of three examples, with these weights.
  private func crossEntropy(
    _ weights: any TensorConvertible = 1.0, _ reduction: Losses.Reduction = .sumByNonzeroWeights
  ) -> Tensor {
    let logits = constant([1, 2, 3, 0, 0, 0, 3, 1, 0] as [Float], shape: [3, 3])
    let labels = constant([2, 1, 0] as [Int32])
    return Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits, weights: weights, reduction: reduction)
  }

  @Test(arguments: [
    (Losses.Reduction.none, [0.407606, 0, 0.339692]), (.sum, [0.747298]), (.mean, [0.249099]),
    (.sumOverBatchSize, [0.249099]), (.sumByNonzeroWeights, [0.373649]), (.sumOverNonzeroWeights, [0.373649]),
  ]) func reducesAsTensorFlow(_ reduction: Losses.Reduction, _ want: [Double]) throws {
    let trial = try Trial { crossEntropy([1.0, 0, 2], reduction) }
    #expect(agree(try trial.values(trial.nodes), want))
  }

  @Test func withoutWeightsItIsTheMean() throws {
    let trial = try Trial { crossEntropy() }
    #expect(agree(try trial.values(trial.nodes), [0.5586881]))
    #expect(Losses.all(in: trial.graph) == [trial.nodes])
    #expect(trial.nodes.name == "sparse_softmax_cross_entropy_loss/value:0")
  }

  @Test func zeroWeightsGiveZero() throws {
    let trial = try Trial { crossEntropy([0.0, 0, 0]) }
    #expect(try trial.values(trial.nodes) == [0])
  }

  @Test func labelsAreSmoothed() throws {
    let trial = try Trial {
      let logits = constant([1, 2, 3, 0, 0, 0, 3, 1, 0] as [Float], shape: [3, 3])
      let labels = oneHot(constant([2, 1, 0] as [Int32]), depth: 3)
      return Losses.softmaxCrossEntropy(oneHotLabels: labels, logits: logits, labelSmoothing: 0.1)
    }
    #expect(agree(try trial.values(trial.nodes), [0.647577]))
  }

  @Test func totalsAddUpRegularization() throws {
    let trial = try Trial {
      _ = getVariable("w", shape: [2], initializer: Initializers.constant([3, 4]), regularizer: Regularizers.l2(0.1))
      Losses.add(constant(2 as Float))
      return (all: Losses.totalLoss(), regularization: Losses.regularizationLoss())
    }
    #expect(agree(try trial.values(trial.nodes.all), [3.25]))
    #expect(agree(try trial.values(trial.nodes.regularization), [1.25]))
    let names = Losses.regularizationLosses(in: trial.graph).map(\.name)
    #expect(names == ["w/Regularizer/l2_regularizer:0"])
  }

  @Test func pairsOfElementsAreCompared() throws {
    // What TensorFlow 2.15 computes.
    let cases: [(weights: [Float], shape: [Int], loss: Double)] = [
      ([1], [], 118), ([2], [], 236), ([2, 0], [2, 1], 124), ([1, 1, 0, 2, 0, 1], [2, 3], 479), ([0], [], 0),
    ]
    for (weights, shape, expected) in cases {
      let trial = try Trial {
        Losses.meanPairwiseSquaredError(
          labels: constant([4, 8, 12, 8, 1, 3] as [Float], shape: [2, 3]),
          predictions: constant([1, 9, 2, 1, 2, 6] as [Float], shape: [2, 3]),
          weights: constant(weights, shape: shape))
      }
      #expect(try trial.value(trial.nodes) == expected)
    }
  }

  @Test func weightsThatDoNotFitAreRefused() {
    let graph = Graph()
    withGraph(graph) { _ = crossEntropy([1.0, 2]) }
    let message = graph.diagnostics.first?.message
    #expect(message == "weights can not be broadcast to values. values.shape=(3,). weights.shape=(2,).")
  }
}

import EspalierGraph
import Testing

@Suite struct LossOpsTests {
  @Test func crossEntropiesHaveTheShapeOfTheirLabels() {
    withGraph(Graph()) {
      let labels = placeholder(.int64, shape: [nil], name: "labels")
      let logits = placeholder(shape: [nil, 10])
      #expect(sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: logits).shape == [nil])
      let deep = placeholder(.int32, shape: [2, nil])
      let deepLogits = placeholder(shape: [2, nil, 10])
      #expect(sparseSoftmaxCrossEntropyWithLogits(labels: deep, logits: deepLogits).shape == [2, nil])
      #expect(softmaxCrossEntropyWithLogits(labels: placeholder(shape: [4, 10]), logits: logits).shape == [4])
      #expect(l2Loss(logits).shape == [])
      #expect(inTopK(predictions: logits, targets: labels, k: 3).type == TensorType(.bool, [nil]))
    }
  }

  @Test func ranksOfLabelsAndLogitsMustFit() {
    let graph = Graph()
    withGraph(graph) {
      _ = sparseSoftmaxCrossEntropyWithLogits(
        labels: placeholder(.int32, shape: [4, 10]), logits: placeholder(shape: [4, 10]))
    }
    #expect(
      graph.diagnostics.map(\.message) == [
        "Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1 (received 2)."
      ])
  }

  @Test func summariesJoinTheirCollectionUnderTheirTag() throws {
    let graph = Graph()
    withGraph(graph) {
      nameScope("tower") {
        scalarSummary("loss (mean)", placeholder(shape: []))
        histogramSummary("weights", placeholder(shape: [nil]))
      }
    }
    let summaries: [Tensor] = graph.collection(.summaries)
    #expect(summaries.map(\.name) == ["tower/loss__mean_:0", "tower/weights:0"])
    let tag = try #require(graph.node(named: "tower/loss__mean_/tags")?.operation as? Constant)
    #expect(tag.value == HostTensor("tower/loss__mean_"))
    #expect(mergeAllSummaries(in: graph)?.type == TensorType(.string, []))
  }

  @Test func batchNormNeedsStatisticsForInference() {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [nil, 4, 4, 3])
      let vector = placeholder(shape: [3])
      let trained = fusedBatchNorm(x, scale: vector, offset: vector)
      #expect(trained.y.shape == [nil, 4, 4, 3])
      #expect(trained.variance.shape == [3])
      _ = fusedBatchNorm(x, scale: vector, offset: vector, isTraining: false)
    }
    #expect(
      graph.diagnostics.map(\.message) == [
        "Both mean and variance must be a 1D tensor when is_training is False."
      ])
  }
}

import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct LossKernelTests {
  @Test(arguments: [3, -1, Int64.max])
  func aLabelOutOfRangeIsAnErrorThatNamesIt(label: Int64) throws {
    let graph = Graph()
    let line = #line + 3
    let loss = withGraph(graph) {
      let labels = constant([0, label, 2])
      return sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: constant([1, 2, 3], shape: [1, 3]) + tall)
    }
    let error = #expect(throws: ExecutionError.self) { try Session(graph: graph).run(loss) }
    #expect(
      error?.message == "Received a label value of \(label) which is outside the valid range of [0, 3).  "
        + "Label values: 0 \(label) 2")
    #expect(error?.operation == "SparseSoftmaxCrossEntropyWithLogits")
    #expect(error?.site?.location?.line == line)
  }

  /// Zeros that make three rows of one.
  private var tall: Tensor { constant([0.0, 0, 0], shape: [3, 1]) }

  @Test func crossEntropyOfHugeLogitsIsFinite() throws {
    let graph = Graph()
    let loss = withGraph(graph) {
      let logits = constant([1e30, -1e30, 0, 88, 89, 90] as [Float], shape: [2, 3])
      return sparseSoftmaxCrossEntropyWithLogits(labels: constant([0, 2] as [Int32]), logits: logits)
    }
    let values = try Session(graph: graph).run(loss).doubles()
    #expect(values[0] == 0)
    #expect(abs(values[1] - 0.407606) < 1e-5)
  }

  @Test func tiesAreAmongTheGreatest() throws {
    let graph = Graph()
    let result = withGraph(graph) {
      let rows: [Float] = [1, 1, 1, 0, 1, 2, 3, 0, .nan, 1, 2, 3, 1, 2, .infinity, 0, 1, 2, 3, 4]
      return inTopK(
        predictions: constant(rows, shape: [5, 4]), targets: constant([2, 1, 1, 2, 9] as [Int32]), k: 1)
    }
    #expect(try Session(graph: graph).run(result).scalars(as: Bool.self) == [true, false, false, false, false])
  }
}

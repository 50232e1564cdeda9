import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct RandomTests {
  private func graph(seed: Int?, _ dataType: DataType = .float32) -> (Graph, Tensor, Tensor) {
    let graph = Graph()
    graph.seed = seed
    let (a, b) = withGraph(graph) {
      (randomUniform([1000], dataType: dataType), truncatedNormal([1000], dataType: dataType))
    }
    return (graph, a, b)
  }

  @Test func equalSeedsDrawEqualNumbersAnewInEachRun() throws {
    let (first, a, b) = graph(seed: 7)
    let (second, c, d) = graph(seed: 7)
    let (one, two) = (Session(graph: first), Session(graph: second))
    let run1 = try one.run([a, b])
    #expect(try two.run([c, d]) == run1)
    let run2 = try one.run([a, b])
    #expect(run2[0] != run1[0] && run2[1] != run1[1])
    #expect(one.randomInvocation == 2)
    // A session that continues where another one stopped.
    let resumed = Session(graph: second)
    resumed.randomInvocation = 1
    #expect(try resumed.run([c, d]) == run2)
  }

  @Test func withoutSeedsSessionsDifferAndNodesToo() throws {
    let graph = Graph()
    let (a, b) = withGraph(graph) { (randomUniform([100]), randomUniform([100])) }
    let one = try Session(graph: graph).run([a, b])
    let two = try Session(graph: graph).run([a, b])
    #expect(one[0] != one[1])
    #expect(one[0] != two[0])
  }

  @Test(arguments: [DataType.float32, .float64, .float16, .bfloat16])
  func numbersAreWhereTheyShouldBe(dataType: DataType) throws {
    let (graph, a, b) = graph(seed: 3, dataType)
    let values = try Session(graph: graph).run([a, b])
    let uniform = try values[0].doubles()
    let normal = try values[1].doubles()
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(uniform.reduce(0, +) / 1000 - 0.5) < 0.05)
    #expect(normal.allSatisfy { abs($0) <= 2 })
    #expect(abs(normal.reduce(0, +) / 1000) < 0.1)
  }
}

import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct SessionTests {
  @Test func computesWhatIsFed() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 3], name: "x")
      return (x, x * 2 + constant([1, 2, 3] as [Float]))
    }
    let session = Session(graph: graph)
    let value = try session.run(y, feeding: [x: HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])])
    #expect(value.shape == [2, 3])
    #expect(try value.scalars(as: Float.self) == [3, 6, 9, 9, 12, 15])
    // Another batch size is another plan.
    let one = try session.run(y, feeding: [x: HostTensor([0, 0, 0] as [Float], shape: [1, 3])])
    #expect(try one.scalars(as: Float.self) == [1, 2, 3])
  }

  @Test func onlyThePlansThatWereUsedLastAreKept() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil], name: "x")
      return (x, x[.range(nil, nil, by: 2)] * 2)
    }
    var configuration = SessionConfiguration()
    configuration.planLimit = 3
    let session = Session(graph: graph, configuration: configuration)
    for round in 0..<2 {
      for size in 1...20 {
        let input = HostTensor((0..<size).map { Float($0 + round) })
        let expected = stride(from: 0, to: size, by: 2).map { Float(2 * ($0 + round)) }
        #expect(try session.run(y, feeding: [x: input]).scalars(as: Float.self) == expected)
        #expect(session.planCount <= 3)
        // What is used all the time stays.
        let first = try session.plan([y], feeding: [x: HostTensor([Float(1)])])
        #expect(try session.plan([y], feeding: [x: HostTensor([Float(2)])]) === first)
      }
    }
  }

  @Test func feedsTakeThePlaceOfAnyTensor() throws {
    let graph = Graph()
    let (c, y) = withGraph(graph) {
      let c = constant(Float(2))
      return (c, c * 3)
    }
    let session = Session(graph: graph)
    #expect(try session.run(y).scalar(as: Float.self) == 6)
    #expect(try session.run(y, feeding: [c: HostTensor(Float(5))]).scalar(as: Float.self) == 15)
    #expect(
      try session.run([y, c], feeding: [y: HostTensor(Float(7))]).map { try $0.scalar(as: Float.self) } == [7, 2])
  }

  @Test func wordsOfErrorsAreTensorFlows() throws {
    let graph = Graph()
    let (p, y) = withGraph(graph) {
      let p = placeholder(.float32, shape: [nil, 3], name: "p")
      return (p, p * 2)
    }
    let session = Session(graph: graph)
    let wrongShape = #expect(throws: ExecutionError.self) {
      try session.run(y, feeding: [p: HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2])])
    }
    #expect(wrongShape?.message == "Cannot feed value of shape (2, 2) for Tensor p:0, which has shape (None, 3)")
    let missing = #expect(throws: ExecutionError.self) { try session.run(y) }
    #expect(
      missing?.message == "You must feed a value for placeholder tensor 'p' with dtype float and shape [?,3]")
    #expect(missing?.node == "p")
    #expect(missing?.site?.location?.file.hasSuffix("SessionTests.swift") == true)
    let wrongType = #expect(throws: ExecutionError.self) {
      try session.run(y, feeding: [p: HostTensor([1, 2, 3] as [Int32], shape: [1, 3])])
    }
    #expect(wrongType?.message.contains("int32") == true)
  }

  @Test func mistakesInTheGraphAreThrownByRun() throws {
    let graph = Graph()
    let y = withGraph(graph) {
      _ = constant([1, 2] as [Float]) + constant([1, 2, 3] as [Float])
      return constant(Float(1))
    }
    #expect(throws: GraphError.self) { try Session(graph: graph).run(y) }
  }

  @Test func emptyTensorsAreNoSpecialCase() throws {
    let graph = Graph()
    let (x, y, total, most) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 3], name: "x")
      return (x, x + 1, reduceSum(x, axes: [0]), reduceSum(x))
    }
    let results = try Session(graph: graph).run(
      [y, total, most], feeding: [x: HostTensor(zeros: .float32, shape: [0, 3])])
    #expect(results[0].shape == [0, 3])
    #expect(try results[1].scalars(as: Float.self) == [0, 0, 0])
    #expect(try results[2].scalar(as: Float.self) == 0)
  }

  @Test func fetchesUnderKeys() throws {
    let graph = Graph()
    let (a, b) = withGraph(graph) { (constant(Float(1)), constant(Float(2))) }
    let values = try Session(graph: graph).run(["a": a, "b": b])
    #expect(try values.mapValues { try $0.scalar(as: Float.self) } == ["a": 1, "b": 2])
  }
}

import EspalierExecutor
import EspalierGraph
import Testing

/// Runs in which shapes depend on values.
@Suite struct StageTests {
  @Test func shapesMayDependOnWhatIsFed() throws {
    let graph = Graph()
    let (x, mask, y) = withGraph(graph) {
      let x = placeholder(shape: [nil, 2])
      let mask = placeholder(.bool, shape: [nil])
      return (x, mask, booleanMask(x * 2, mask: mask) + 1)
    }
    let session = Session(graph: graph)
    func result(_ numbers: [Float], _ chosen: [Bool]) throws -> HostTensor {
      try session.run(y, feeding: [x: HostTensor(numbers, shape: [chosen.count, 2]), mask: HostTensor(chosen)])
    }
    #expect(try result([1, 2, 3, 4], [true, false]) == HostTensor([3, 5] as [Float], shape: [1, 2]))
    #expect(try result([1, 2, 3, 4], [true, true]) == HostTensor([3, 5, 7, 9] as [Float], shape: [2, 2]))
    #expect(try result([1, 2, 3, 4], [false, false]) == HostTensor([Float](), shape: [0, 2]))
    #expect(try result([1, 2, 3, 4, 5, 6], [false, false, true]) == HostTensor([11, 13] as [Float], shape: [1, 2]))
  }

  @Test func oneStageMayNeedAnother() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(.int32, shape: [nil])
      let (values, _) = unique(x)
      return (x, binCount(values))
    }
    let result = try Session(graph: graph).run(y, feeding: [x: HostTensor([3, 1, 3, 3] as [Int32])])
    #expect(try result.scalars(as: Int32.self) == [0, 1, 0, 1])
  }

  @Test func axesAndShapesMayBeComputed() throws {
    let graph = Graph()
    let (x, axis, sum, moved) = withGraph(graph) {
      let x = placeholder(shape: [2, 3])
      let axis = placeholder(.int32, shape: [1])
      let moved = reshape(x, to: concat([axis + 5, axis], axis: 0))
      return (x, axis, apply(Sum(), x, axis), moved)
    }
    let session = Session(graph: graph)
    let numbers = try HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let one = try session.run([sum, moved], feeding: [x: numbers, axis: HostTensor([1] as [Int32])])
    #expect(one.map(\.shape) == [[2], [6, 1]])
    #expect(try one[0].scalars(as: Float.self) == [6, 15])
    let zero = try session.run(sum, feeding: [x: numbers, axis: HostTensor([0] as [Int32])])
    #expect(try zero.scalars(as: Float.self) == [5, 7, 9])
  }

  @Test func allStagesDrawTheSameNumbers() throws {
    let graph = Graph()
    let (drawn, chosen) = withGraph(graph) {
      let drawn = randomUniform([100], minimum: -1, seed: 7)
      return (drawn, booleanMask(drawn, mask: greater(drawn, constant(0 as Float))))
    }
    let session = Session(graph: graph)
    var runs: [[Float]] = []
    for _ in 0..<2 {
      let results = try session.run([drawn, chosen]).map { try $0.scalars(as: Float.self) }
      #expect(results[1] == results[0].filter { $0 > 0 })
      runs.append(results[0])
    }
    #expect(runs[0] != runs[1])
  }
}

import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

@Suite struct HessianTests {
  @Test func secondDerivativesOfAForm() throws {
    let graph = Graph()
    let (x, values) = try withGraph(graph) { () throws(GraphError) in
      let x = placeholder(.float64, shape: [3], name: "x")
      let form = constant([1, 2, 0, 2, 5, -1, 0, -1, 3] as [Double], shape: [3, 3])
      let column = reshape(x, to: [3, 1])
      let y = reduceSum(column * matMul(form, column)) + reduceSum(x * x * x)
      let linear = reduceSum(x * 2)
      return (x, try hessians(of: [y], withRespectTo: [x]) + hessians(of: [linear], withRespectTo: [x]))
    }
    let point = HostTensor([1, -2, 0.5] as [Double])
    let found = try Session(graph: graph).run(values, feeding: [x: point])
    // Twice the symmetric form, and 6x along the diagonal.
    #expect(try found[0].doubles() == [2 + 6, 4, 0, 4, 10 - 12, -2, 0, -2, 6 + 3])
    #expect(found[0].shape == [3, 3])
    #expect(try found[1].doubles() == [Double](repeating: 0, count: 9))
  }

  @Test func unknownShapesAreAnError() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [nil])
      _ = #expect(throws: GraphError.self) { try hessians(of: [reduceSum(x * x)], withRespectTo: [x]) }
    }
  }
}

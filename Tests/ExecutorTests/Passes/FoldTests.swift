import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// Paddings and factors that convolutions take over.
@Suite struct FoldTests {
  private let graph = Graph()

  private func names(_ plan: Plan) -> [String] { plan.kernels.map { $0.node.operation.name } }

  @Test(arguments: [(1, 1), (2, 1), (0, 2)])
  func convolutionsPadByThemselves(before: Int, after: Int) throws {
    let (x, w, fetches) = try withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 7, 6, 4], name: "x")
      let w = placeholder(.float32, shape: [3, 2, 4, 5], name: "w")
      let padded = pad(x, paddings: [(0, 0), (before, after), (after, before), (0, 0)])
      let y = conv2D(padded, filter: w, strides: (2, 2), padding: .valid)
      let loss = reduceSum(y * y)
      return (x, w, [y] + (try gradients(of: [loss], withRespectTo: [x, w])).compactMap { $0 })
    }
    let feeds = [x: ramp([2, 7, 6, 4]), w: ramp([3, 2, 4, 5])]
    let plan = try Session(graph: graph).plan(fetches, feeding: feeds)
    #expect(Set(names(plan)).isDisjoint(with: ["Pad", "Slice"]))
    #expect(fetches.count == 3)
    try expectSameWithoutPasses(graph, fetches, feeds, tolerance: 1e-4)
  }

  @Test func paddedChannelsAndNumbersStay() throws {
    let (x, w, y, z) = withGraph(graph) {
      let x = placeholder(.float32, shape: [1, 5, 5, 2], name: "x")
      let w = placeholder(.float32, shape: [3, 3, 4, 3], name: "w")
      let y = conv2D(pad(x, paddings: [(0, 0), (1, 1), (1, 1), (1, 1)]), filter: w, padding: .valid)
      let wide = pad(x, paddings: [(0, 0), (1, 1), (1, 1), (0, 0)], value: 2)
      return (x, w, y, conv2D(pad(wide, paddings: [(0, 0), (0, 0), (0, 0), (1, 1)]), filter: w))
    }
    let feeds = [x: ramp([1, 5, 5, 2]), w: ramp([3, 3, 4, 3])]
    #expect(names(try Session(graph: graph).plan([y], feeding: feeds)).contains("Pad"))
    try expectSameWithoutPasses(graph, [y, z], feeds, tolerance: 1e-5)
  }

  @Test func factorsThatAreComputedStay() throws {
    // The factor depends on the images: nothing is folded into the filter, which is fed as well.
    let (x, w, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [1, 5, 5, 2], name: "x")
      let w = placeholder(.float32, shape: [3, 3, 2, 2], name: "w")
      return (x, w, conv2D(x, filter: w) * reduceMean(x, axes: [0, 1, 2]))
    }
    let feeds = [x: ramp([1, 5, 5, 2]), w: ramp([3, 3, 2, 2])]
    let plan = try Session(graph: graph).plan([y], feeding: feeds)
    #expect(plan.kernels.allSatisfy { !$0.isSteady })
    try expectSameWithoutPasses(graph, [y], feeds, tolerance: 1e-5)
  }
}

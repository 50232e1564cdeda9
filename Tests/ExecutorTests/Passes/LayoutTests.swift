import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct LayoutTests {
  private let graph = Graph()

  private func transpositions(_ plan: Plan) -> Int { plan.kernels.count { $0.node.operation is Transpose } }

  @Test func transpositionsMeetTheirInverses() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 3, 4, 5], name: "x")
      let bias = reshape(constant([1, 2, 3] as [Float]), to: [1, 3, 1, 1])
      let nchw = relu(transpose(transpose(x, order: [0, 2, 3, 1]), order: [0, 3, 1, 2]) * 2 + bias)
      return (x, nchw)
    }
    let plan = try Session(graph: graph).plan([y], feeding: [x: ramp([2, 3, 4, 5])])
    #expect(transpositions(plan) == 0)
    #expect(plan.kernels.count == 1)
    try expectSameWithoutPasses(graph, [y], [x: ramp([2, 3, 4, 5])])
  }

  @Test func normalizationBetweenConvolutionsStaysNHWC() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 3, 6, 5], name: "x")
      let w = constant((try? ramp([3, 3, 3, 4]).scalars(as: Float.self)) ?? [], shape: [3, 3, 3, 4])
      let v = constant((try? ramp([1, 1, 4, 2]).scalars(as: Float.self)) ?? [], shape: [1, 1, 4, 2])
      let first = conv2D(x, filter: w, dataFormat: .nchw)
      let mean = reduceMean(first, axes: [0, 2, 3], keepDims: true)
      let variance = reduceMean((first - mean) * (first - mean), axes: [0, 2, 3], keepDims: true)
      return (x, conv2D(relu((first - mean) * rsqrt(variance + 1e-3)), filter: v, dataFormat: .nchw))
    }
    let plan = try Session(graph: graph).plan([y], feeding: [x: ramp([2, 3, 6, 5])])
    // Only those of what comes in and what goes out.
    #expect(transpositions(plan) == 2)
    try expectSameWithoutPasses(graph, [y], [x: ramp([2, 3, 6, 5])], tolerance: 1e-5)
  }

  @Test func reductionsTakeTheOriginalAxes() throws {
    let (x, y, z) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 3, 4, 5], name: "x")
      let t = transpose(x, order: [0, 3, 1, 2])
      return (x, reduceSum(t, axes: [2, 3]), reduceMax(t, axes: [1], keepDims: true))
    }
    let feeding = [x: ramp([2, 3, 4, 5])]
    #expect(try transpositions(Session(graph: graph).plan([y, z], feeding: feeding)) == 0)
    try expectSameWithoutPasses(graph, [y, z], feeding, tolerance: 1e-6)
  }
}

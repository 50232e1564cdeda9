import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct FuseTests {
  private let graph = Graph()

  private func names(_ plan: Plan) -> [String] { plan.kernels.map { $0.node.operation.name } }

  private func input(_ shape: [Int], _ name: String) -> Tensor {
    placeholder(.float32, shape: Shape(shape), name: name)
  }

  private func feeds(_ tensors: Tensor...) -> [Tensor: HostTensor] {
    var result: [Tensor: HostTensor] = [:]
    for (index, tensor) in tensors.enumerated() {
      result[tensor] = ramp(tensor.shape.known ?? [], from: Float(index) - 1)
    }
    return result
  }

  @Test func pointwiseChainIsOneKernel() throws {
    let (x, a, b, c, y) = withGraph(graph) {
      let (x, a, b, c) = (input([4, 6], "x"), input([6], "a"), input([4, 1], "b"), input([4, 6], "c"))
      return (x, a, b, c, relu(x * a + b) + c * 2)
    }
    let feeding = feeds(x, a, b, c)
    let plan = try Session(graph: graph).plan([y], feeding: feeding)
    #expect(plan.kernels.count == 1)
    #expect(
      plan.program.nodes.last.map { "\($0.operation)" } == "Fused[add(relu(add(mul(#0, #1), #2)), mul(#3, 2.0))]")
    try expectSameWithoutPasses(graph, [y], feeding)
  }

  @Test func statisticsOfOneTensorArePassedOverOnce() throws {
    let (x, y) = withGraph(graph) {
      let x = input([2, 3, 5, 8], "x")
      let mean = reduceMean(x, axes: [0, 1, 2])
      let squares = reduceMean(x * x, axes: [0, 1, 2])
      let variance = squares - mean * mean
      return (x, relu((x - mean) * rsqrt(variance + 1e-3)))
    }
    let plan = try Session(graph: graph).plan([y], feeding: feeds(x))
    // Both sums; what follows from them per channel; the result.
    #expect(plan.kernels.count == 3)
    try expectSameWithoutPasses(graph, [y], feeds(x), tolerance: 1e-5)
  }

  @Test func softmaxReadsRowsThreeTimes() throws {
    let (x, y) = withGraph(graph) {
      let x = input([7, 10], "x")
      let shifted = exp(x - reduceMax(x, axes: [1], keepDims: true))
      return (x, shifted / reduceSum(shifted, axes: [1], keepDims: true))
    }
    let plan = try Session(graph: graph).plan([y], feeding: feeds(x))
    #expect(plan.kernels.count == 3)
    try expectSameWithoutPasses(graph, [y], feeds(x), tolerance: 1e-6)
  }

  @Test func clustersDoNotWaitForThemselves() throws {
    // a and c could be one cluster, but the sum between them needs a whole.
    let (x, y) = withGraph(graph) {
      let x = input([4, 6], "x")
      let a = x * 2
      return (x, a + reduceSum(a) * x)
    }
    let plan = try Session(graph: graph).plan([y], feeding: feeds(x))
    #expect(plan.kernels.count == 2)
    try expectSameWithoutPasses(graph, [y], feeds(x), tolerance: 1e-6)
  }

  @Test func updatesReadAndWriteInOnePass() throws {
    let (v, m, step) = withGraph(graph) {
      let v = getVariable("v", shape: [5], initializer: { _, _ in constant([1, 2, 3, 4, 5] as [Float]) }).variable
      let m = getVariable("m", shape: [5], initializer: { _, _ in constant([1, 1, 1, 1, 1] as [Float]) }).variable
      let sum = m.assign(m.value * 0.5 + v.value)
      return (v, m, v.assignSub(sum * 2))
    }
    let session = Session(graph: graph)
    for variable in [v, m] { try session.run(variable.initializer) }
    let plan = try session.plan([], targets: [step.node])
    #expect(plan.kernels.count == 1)
    try session.run(step.node)
    #expect(try session.run(m.value).scalars(as: Float.self) == [1.5, 2.5, 3.5, 4.5, 5.5])
    #expect(try session.run(v.value).scalars(as: Float.self) == [-2, -3, -4, -5, -6])
  }

  @Test func variablesAreNotOverwrittenBeforeTheyAreBroadcast() throws {
    let (v, y, update) = withGraph(graph) {
      let v = getVariable("v", shape: [1], initializer: { _, _ in constant([3] as [Float]) }).variable
      let wide = v.value * constant([1, 2, 3] as [Float])
      return (v, wide, v.assign(v.value + 1))
    }
    let session = Session(graph: graph)
    try session.run(v.initializer)
    let values = try session.run([update, y])
    #expect(try values.map { try $0.scalars(as: Float.self) } == [[4], [3, 6, 9]])
  }

  @Test func castsStayExact() throws {
    let (x, y) = withGraph(graph) {
      let x = input([6], "x")
      // 0.7 truncated is 0: the integer must not stay a fraction in a register.
      return (x, cast(cast(x * 0.7, to: .int32), to: .float32) + x)
    }
    try expectSameWithoutPasses(graph, [y], feeds(x))
  }

  @Test func matrixProductsTakeOnWhatFollows() throws {
    let (x, w, b, y) = withGraph(graph) {
      let (x, w, b) = (input([4, 6], "x"), input([6, 5], "w"), input([5], "b"))
      return (x, w, b, relu(matMul(x, w) + b))
    }
    let plan = try Session(graph: graph).plan([y], feeding: feeds(x, w, b))
    #expect(plan.kernels.map(\.kernel.name) == ["matmul+bias+relu"])
    try expectSameWithoutPasses(graph, [y], feeds(x, w, b), tolerance: 1e-5)
  }

  @Test func whatIsNeededTwiceIsNotSwallowed() throws {
    let (x, w, y, z) = withGraph(graph) {
      let (x, w) = (input([4, 6], "x"), input([6, 5], "w"))
      let product = matMul(x, w)
      return (x, w, relu(product), product)
    }
    let plan = try Session(graph: graph).plan([y, z], feeding: feeds(x, w))
    #expect(plan.kernels.count == 2)
    try expectSameWithoutPasses(graph, [y, z], feeds(x, w), tolerance: 1e-6)
  }
}

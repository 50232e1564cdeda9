import EspalierExecutor
import EspalierGraph
import Testing

/// What is computed from variables is kept until somebody changes them.
@Suite struct SteadyTests {
  private let graph = Graph()

  /// relu(conv(x, w) · factor + offset) + a product with a matrix, all of variables.
  private func network() -> (x: Tensor, y: Tensor, filter: Variable, factor: Variable) {
    withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 8, 8, 3], name: "x")
      let filter = getVariable("filter", shape: [3, 3, 3, 16], initializer: { _, _ in constant(ramp([3, 3, 3, 16])) })
        .variable
      let factor = getVariable("factor", shape: [16], initializer: { _, _ in constant(ramp([16], from: 0.5)) }).variable
      let matrix = getVariable("matrix", shape: [16, 5], initializer: { _, _ in constant(ramp([16, 5])) }).variable
      let offset = constant(ramp([16]))
      let y = relu(conv2D(x, filter: filter.value) * sqrt(factor.value * factor.value + 1) + offset)
      return (x, matMul(reduceMean(y, axes: [1, 2]), matrix.value), filter, factor)
    }
  }

  private func initialize(_ session: Session) throws {
    let variables: [Variable] = graph.collection(.globalVariables)
    _ = try session.run([], targets: variables.map(\.initializer))
  }

  private var plain: SessionConfiguration {
    var result = SessionConfiguration()
    result.disabledPasses = optionalPasses
    return result
  }

  @Test func filtersAndFactorsAreComputedOnce() throws {
    let (x, y, _, _) = network()
    let session = Session(graph: graph)
    try initialize(session)
    let plan = try session.plan([y], feeding: [x: ramp([2, 8, 8, 3])])
    #expect(plan.kernels.filter(\.keepsPreparation).map(\.kernel.name) == ["conv_forward+bias+relu", "matmul"])
    #expect(plan.kernels.contains { $0.isSteady })
    #expect(plan.kernels.count { !$0.isSteady } <= 3)
  }

  @Test func whatIsKeptFollowsTheVariables() throws {
    let (x, y, filter, factor) = network()
    let doubled = withGraph(graph) { filter.assign(filter.value * 2) }
    let store = VariableStore()
    let session = Session(graph: graph, variables: store)
    let reference = Session(graph: graph, variables: store, configuration: plain)
    try initialize(session)
    let image = ramp([2, 8, 8, 3])
    func check() throws -> [Double] {
      let value = try session.run(y, feeding: [x: image])
      try expectClose(value, try reference.run(y, feeding: [x: image]), 1e-5)
      return try value.doubles()
    }
    let first = try check()
    #expect(try check() == first)
    try session.run(doubled.node)
    let second = try check()
    #expect(second != first)
    try store.set(ramp([16], from: 3), for: factor.name)
    let third = try check()
    #expect(third != second)
    // Another session that shares the variables changes them.
    try reference.run(doubled.node)
    #expect(try check() != third)
  }

  @Test func variablesThatTheRunWritesAreNotKept() throws {
    let (x, y, filter, _) = network()
    let grown = withGraph(graph) { filter.assignAdd(constant(ramp([3, 3, 3, 16], from: 1))) }
    let session = Session(graph: graph)
    let reference = Session(graph: graph, configuration: plain)
    try initialize(session)
    try initialize(reference)
    let image = ramp([2, 8, 8, 3])
    for _ in 0..<3 {
      let values = try session.run([y, grown], feeding: [x: image])
      let expected = try reference.run([y, grown], feeding: [x: image])
      for (value, other) in zip(values, expected) { try expectClose(value, other, 1e-5) }
    }
  }

  @Test func plansThatShareMemoryKeepTheirOwn() throws {
    let (x, y, _, _) = network()
    let session = Session(graph: graph)
    try initialize(session)
    let image = ramp([2, 8, 8, 3])
    let before = try session.run(y, feeding: [x: image])
    // A larger plan moves the memory that plans use in turn.
    let (large, total) = withGraph(graph) {
      let large = placeholder(.float32, shape: [512, 512], name: "large")
      return (large, reduceSum(matMul(large, large)))
    }
    _ = try session.run(total, feeding: [large: ramp([512, 512])])
    #expect(try session.run(y, feeding: [x: image]).doubles() == before.doubles())
  }
}

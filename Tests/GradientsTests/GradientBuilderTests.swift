import EspalierGradients
import EspalierGraph
import Testing

@Suite struct GradientBuilderTests {
  @Test func addsNodesUnderTensorFlowsNames() throws {
    try withGraph(Graph()) {
      let x = placeholder(shape: [2, 3], name: "x")
      let y = nameScope("block") { apply(Mul(), x, x, name: "square") }
      let dx = try #require(try gradients(of: y, withRespectTo: [x])[0])
      #expect(dx.shape == [2, 3])
      #expect(x.graph.nodes.contains { $0.name.hasPrefix("gradients/block/square_grad/") })
    }
  }

  @Test func unconnectedIsNil() throws {
    try withGraph(Graph()) {
      let a = placeholder(shape: [2])
      let b = placeholder(shape: [2])
      let result = try gradients(of: [a + 1], withRespectTo: [a, b])
      #expect(result[0] != nil)
      #expect(result[1] == nil)
      let zero = try gradients(of: [a + 1], withRespectTo: [a, b], unconnectedGradients: .zero)
      #expect(zero[1]?.shape == [2] && zero[1]?.node.operation.name == "ZerosLike")
    }
  }

  @Test func stoppedTensorsAreConstants() throws {
    try withGraph(Graph()) {
      let a = placeholder(shape: [2])
      let b = a * 2
      let past = try gradients(of: [b + 1], withRespectTo: [a], stopGradients: [b])
      let both = try gradients(of: [b + 1], withRespectTo: [a, b], stopGradients: [b])
      #expect(past[0] == nil)
      #expect(both[0] == nil)
      #expect(both[1] != nil)
    }
  }

  @Test func anOperationWithoutGradientIsNamed() {
    struct Opaque: Operation {
      static let tfName = "Opaque"
      func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }
    }
    withGraph(Graph()) {
      let x = placeholder(shape: [2])
      let y = nameScope("deep") { apply(Opaque(), x) }
      let error = #expect(throws: GraphError.self) { try gradients(of: y, withRespectTo: [x]) }
      #expect(error?.message == "No gradient defined for operation 'deep/Opaque' (op type: Opaque)")
    }
  }

  @Test func mistakesInTheGraphAreThrown() {
    withGraph(Graph()) {
      let x = placeholder(shape: [2])
      let y = x + placeholder(shape: [3])
      #expect(throws: GraphError.self) { try gradients(of: y, withRespectTo: [x]) }
    }
  }
}

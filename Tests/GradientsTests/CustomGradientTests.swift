import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// Gradients of one's own. Values and names are those of TensorFlow 2.15.
@Suite struct CustomGradientTests {
  private func logOfOnePlusExp(_ x: Tensor) -> Tensor {
    customGradient(x) { x in
      let e = exp(x)
      return (log(1 + e), { dy in dy * (1 - 1 / (1 + e)) })
    }
  }

  private func run(_ tensors: [Tensor?], _ feeds: [Tensor: Float]) throws -> [Float] {
    let session = Session(graph: try #require(feeds.keys.first).graph)
    let values = try session.run(tensors.map { try #require($0) }, feeding: feeds.mapValues { HostTensor($0) })
    return try values.map { try $0.scalar(as: Float.self) }
  }

  @Test func takesThePlaceOfTheOperationsOwn() throws {
    try withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let y = logOfOnePlusExp(x)
      #expect(y.name == "IdentityN:0" && y.node.inputs.map(\.name) == ["Log:0", "x:0"])
      let first = try gradients(of: y, withRespectTo: [x])[0]
      let second = try gradients(of: #require(first), withRespectTo: [x])[0]
      let atOne = try run([y, first, second], [x: 1])
      for (value, number) in zip(atOne, [1.3132616, 0.7310586, 0.19661194] as [Float]) {
        #expect(abs(value - number) < 1e-6)
      }
      // The operations' own gradient, infinity over infinity, is not a number.
      #expect(try run([first], [x: 100]) == [1])
    }
  }

  @Test func severalInputsAndOutputs() throws {
    try withGraph(Graph()) {
      let (a, b) = (placeholder(shape: [], name: "a"), placeholder(shape: [], name: "b"))
      let outputs = customGradient([a, b]) { inputs in
        let outputs = [inputs[0] * inputs[1], inputs[0] + inputs[1]]
        return (outputs, { upstream in [upstream[0] * 10, upstream[1] * 100] })
      }
      let both = try gradients(of: outputs, withRespectTo: [a, b])
      #expect(try run(outputs + both, [a: 2, b: 3]) == [6, 5, 10, 100])
      // Zeros stand for the gradient of an output that is not differentiated.
      let one = try gradients(of: [outputs[0]], withRespectTo: [a, b])
      #expect(try run(one, [a: 2, b: 3]) == [10, 0])
    }
  }

  @Test func variablesHaveGradientsOfTheirOwn() throws {
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      func one(_ shape: [Int], _ type: DataType) -> Tensor { constant(Float(1)) }
      let y = customGradient(
        [x],
        withVariables: { inputs in
          let w = getVariable("w", shape: [], initializer: one)
          let product = inputs[0] * w.tensor
          return (
            [product],
            { upstream, variables in
              #expect(variables.map(\.name) == ["w"])
              return (inputs: [upstream[0] * 3], variables: [upstream[0] * 5])
            }
          )
        })[0]
      let variables = trainableVariables(in: graph)
      #expect(y.node.inputs.map(\.name) == ["Mul:0", "x:0", "w/read:0"])
      let found = try gradients(of: y, withRespectTo: [x] + variables.map(\.value))
      let session = Session(graph: graph)
      try session.run(globalVariablesInitializer())
      let values = try session.run(try found.map { try #require($0) }, feeding: [x: HostTensor(Float(2))])
      #expect(values == [HostTensor(Float(3)), HostTensor(Float(5))])
    }
  }

  @Test func forgottenVariablesAreMistakes() {
    withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let w = getVariable("w", shape: [])
      let y = customGradient(x) { x in (x * w.tensor, { dy in dy }) }
      #expect(y.isPoisoned)
      let message = currentGraph.diagnostics.first?.message ?? ""
      #expect(message.contains("takes variables, since the function uses ['w']"))
      #expect("\(currentGraph.diagnostics[0])".isEmpty == false)
    }
  }

  @Test func aWrongNumberOfGradientsIsAnError() throws {
    withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let y = customGradient([x]) { inputs in ([inputs[0] * 2], { upstream in [upstream[0], upstream[0]] }) }[0]
      let error = #expect(throws: GraphError.self) { try gradients(of: y, withRespectTo: [x]) }
      #expect(
        error?.message
          == "Num gradients 2 generated for op 'IdentityN' (op type: IdentityN) do not match num inputs 1")
    }
  }

  @Test func aGradientOfAnotherShapeIsAnError() throws {
    withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let y = customGradient(x) { x in (x * 2, { dy in stack([dy, dy]) }) }
      #expect(throws: GraphError.self) { try gradients(of: y, withRespectTo: [x]) }
    }
  }

  @Test func noneEndsTheGradient() throws {
    try withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let y = customGradient(x) { x in (x * 2, { _ in nil }) }
      let found = try gradients(of: y, withRespectTo: [x])
      #expect(found[0] == nil)
    }
  }

  @Test func registeredGradientsOverride() throws {
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      graph.registerGradient("Seven") { _, upstream in [upstream[0].map { $0 * 7 }] }
      let y = withGradientOverrides(["Sin": "Seven"]) { sin(cos(x)) }
      // 7 · −sin x, and without: cos(cos x) · −sin x.
      let found = try gradients(of: y, withRespectTo: [x])[0]
      #expect(abs(try run([found], [x: 2])[0] + 6.365082) < 1e-5)
      let nowhere = withGradientOverrides(["Sin": "Nope"]) { sin(x) }
      let error = #expect(throws: GraphError.self) { try gradients(of: nowhere, withRespectTo: [x]) }
      #expect(error?.message.hasPrefix("No gradient defined for operation 'Sin_1' (op type: Sin)") == true)
      graph.registerGradient("Seven") { _, upstream in upstream }
      #expect(graph.diagnostics.first?.message == "Registering two gradient with name 'Seven'!")
    }
  }
}

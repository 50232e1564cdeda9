import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// How gradients are gated, added up and placed. Names, inputs and groups are those of TensorFlow 2.15.
@Suite struct GradientOptionTests {
  private struct Model {
    let graph = Graph()
    let x: Tensor
    let w: Tensor
    let y: Tensor

    init() {
      (x, w, y) = withGraph(graph) {
        let (x, w) = withDevice("/cpu:0") { (placeholder(shape: [2], name: "x"), placeholder(shape: [2], name: "w")) }
        let product = apply(Mul(), apply(Mul(), x, x), w)
        return (x, w, addN([product, exp(x), sin(x), tanh(x)], name: "y"))
      }
    }

    /// Returns the node of this name under `gradients/`.
    func node(_ name: String) throws -> Node { try #require(graph.node(named: "gradients/" + name)) }

    func names(_ nodes: [Node]) -> [String] { nodes.map { String($0.name.dropFirst("gradients/".count)) } }

    func values(_ tensors: [Tensor?]) throws -> [HostTensor] {
      let feeds = [
        x: try HostTensor([0.5, -1] as [Float], shape: [2]), w: try HostTensor([3, 0.25] as [Float], shape: [2]),
      ]
      return try Session(graph: graph).run(try tensors.map { try #require($0) }, feeding: feeds)
    }
  }

  @Test func gatedGradientsWaitForEachOther() throws {
    let model = Model()
    let found = try gradients(of: [model.y], withRespectTo: [model.x, model.w], gateGradients: true)
    #expect(found[1]?.name == "gradients/Mul_1_grad/tuple/control_dependency_1:0")
    let gate = try model.node("Mul_1_grad/tuple/group_deps")
    #expect(model.names(gate.controlInputs) == ["Mul_1_grad/Mul", "Mul_1_grad/Mul_1"])
    let gated = try model.node("Mul_1_grad/tuple/control_dependency")
    #expect(model.names(gated.inputs.map(\.node)) == ["Mul_1_grad/Mul"] && gated.controlInputs == [gate])
    #expect(gated.colocationGroups == ["gradients/Mul_1_grad/Mul"])
    // One gradient has nothing to wait for; four that are one tensor wait for that.
    #expect(model.graph.node(named: "gradients/Exp_grad/tuple/group_deps") == nil)
    #expect(model.names(try model.node("y_grad/tuple/group_deps").controlInputs) == ["grad_ys_0"])
    #expect(model.graph.node(named: "gradients/y_grad/tuple/control_dependency_3") != nil)
    let plain = Model()
    let values = try model.values(found)
    let plainValues = try plain.values(gradients(of: plain.y, withRespectTo: [plain.x, plain.w]))
    #expect(values == plainValues)
  }

  @Test(arguments: AggregationMethod.allCases) func gradientsAreAddedUp(_ method: AggregationMethod) throws {
    let model = Model()
    let found = try gradients(of: [model.y], withRespectTo: [model.x, model.w], aggregationMethod: method)
    let total = try #require(found[0]?.node)
    if method == .addN {
      #expect(total.name == "gradients/AddN" && total.inputs.count == 5)
      #expect(total.colocationGroups == [total.inputs[0].node.name])
    } else {
      #expect(total.name == "gradients/x_gradient_sum/AddN_3" && total.inputs.count == 2)
      #expect(total.inputs[0].node.name == "gradients/x_gradient_sum/AddN_2")
      #expect(model.graph.nodes.count { $0.name.contains("x_gradient_sum/AddN") } == 4)
    }
    // 2 x w + exp x + cos x + 1 - tanh² x.
    let expected: [Double] = [6.312751, 0.8281557]
    let values = try model.values(found)[0].doubles()
    for (value, number) in zip(values, expected) { #expect(abs(value - number) < 2e-6) }
  }

  @Test func gradientsOfSeveralDevicesAreAddedUpOnEachFirst() throws {
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      let parts = ["/gpu:1", "/gpu:0", "/gpu:1"].map { device in withDevice(device) { sin(x) } }
      let y = addN(parts, name: "y")
      let found = try #require(
        try gradients(of: [y], withRespectTo: [x], colocateGradientsWithOps: true, name: "g")[0])
      #expect(found.name == "g/AddN_1:0" && found.node.device == "")
      let sums = found.node.inputs.map(\.node)
      #expect(sums.map(\.device) == ["/device:GPU:0", "/device:GPU:1"])
      #expect(sums[0].operation is Mul && sums[1].operation is AddN)
    }
  }

  @Test func colocatedGradientsGoWhereTheirOperationsAre() throws {
    let model = Model()
    _ = try gradients(of: [model.y], withRespectTo: [model.x, model.w], colocateGradientsWithOps: true)
    for (name, group) in [("grad_ys_0", "y"), ("Mul_1_grad/Mul_1", "Mul_1"), ("Tanh_grad/TanhGrad", "Tanh")] {
      #expect(try model.node(name).colocationGroups == [group])
    }
    let first = try model.node("AddN").inputs[0].node
    #expect(try model.node("AddN").colocationGroups == first.colocationGroups)
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      let y = withDevice("/gpu:1") { sin(x) }
      let around = try withDevice("/gpu:7") { try gradients(of: [y], withRespectTo: [x])[0] }
      let beside = try withDevice("/gpu:7") {
        try gradients(of: [y], withRespectTo: [x], colocateGradientsWithOps: true)[0]
      }
      #expect(around?.node.device == "/device:GPU:7" && around?.node.colocationGroups == around.map { [$0.node.name] })
      #expect(beside?.node.device == "/device:GPU:1" && beside?.node.colocationGroups == ["Sin"])
    }
  }

  @Test func colocationScopesAddUp() {
    withGraph(Graph()) {
      let (a, b) = (placeholder(name: "a"), withDevice("/gpu:0") { placeholder(name: "b") })
      let x = withColocation(with: b.node) { withColocation(with: a.node) { identity(a, name: "x") } }
      #expect(x.node.colocationGroups == ["a", "b"])
      let y = withDevice("/cpu:0") { withColocation(with: b.node) { identity(x) } }
      #expect(y.node.device == "/device:GPU:0")
      #expect(withColocation(with: y.node) { identity(x) }.node.colocationGroups == ["b"])
    }
  }

  @Test func tuplesOfNothingAreMistakes() {
    withGraph(Graph()) {
      _ = tuple([nil, nil])
      let message = currentGraph.diagnostics.first?.message
      #expect(message == "'tensors' must have at least one Tensor. Received: [None, None].")
    }
  }

  @Test func tuplesWaitForControlInputs() throws {
    try withGraph(Graph()) {
      let x = placeholder(shape: [], name: "x")
      let checked = checkNumerics(x, message: "x is not a number")
      let result = try #require(tuple([x, nil], controlInputs: [checked.node])[0])
      #expect(result.name == "tuple/control_dependency:0")
      let session = Session(graph: currentGraph)
      #expect(try session.run([result], feeding: [x: HostTensor(Float(2))]) == [HostTensor(Float(2))])
      #expect(throws: ExecutionError.self) { try session.run([result], feeding: [x: HostTensor(Float.nan)]) }
    }
  }
}

import Espalier
import TestSupport
import Testing

@Suite struct GraphFileTests {
  /// A line of a text file: a node.
  private static func node(_ name: String, _ operation: String, _ rest: String = "") -> String {
    "node { name: '\(name)' op: '\(operation)' \(rest) }\n"
  }

  private func imported(_ text: String, outputs: [String]? = nil) throws -> Graph {
    let graph = Graph()
    let bytes = try ProtoSchema.graph.binary(Array(text.utf8), message: "GraphDef", file: "graph.pbtxt")
    try graph.importGraphDef(bytes, outputs: outputs, prefix: "")
    return graph
  }

  @Test func textAndBinaryFormSayTheSame() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [nil, 3], name: "x")
      let y = withControlDependencies(on: [x.node]) { x * constant([1, .nan, -.infinity] as [Float]) }
      _ = reduceSum(y, axes: [1], name: "y\"'")
    }
    let bytes = try graph.graphDef()
    let text = try ProtoSchema.graph.text(bytes, message: "GraphDef", file: "graph")
    #expect(text.hasPrefix("node {\n  name: \"x\"\n  op: \"Placeholder\"\n  attr {\n    key: \"_output_shapes\"\n"))
    #expect(text.contains("      type: DT_FLOAT\n") && text.contains("  input: \"^x\"\n"))
    let again = try ProtoSchema.graph.binary(Array(text.utf8), message: "GraphDef", file: "graph")
    let fromText = Graph()
    try fromText.importGraphDef(again, prefix: "")
    #expect(fromText.nodes.map(\.name) == graph.nodes.map(\.name))
    #expect(fromText.nodes.map { AnyHashable($0.operation) } == graph.nodes.map { AnyHashable($0.operation) })
    try withTemporaryDirectory { directory in
      try graph.write(to: directory + "/graph.pbtxt")
      try graph.write(to: directory + "/graph.pb")
      let copy = Graph()
      try copy.importGraphDef(from: directory + "/graph.pbtxt", prefix: "text")
      try copy.importGraphDef(from: directory + "/graph.pb", prefix: "binary")
      #expect(copy.node(named: "text/x") != nil && copy.node(named: "binary/x") != nil)
    }
  }

  @Test func nodesMayComeInAnyOrder() throws {
    let graph = try imported(
      Self.node("z", "Relu", "input: 'y'") + Self.node("y", "Neg", "input: 'x'")
        + Self.node("x", "Placeholder", "attr { key: 'dtype' value { type: DT_FLOAT } }"))
    #expect(graph.nodes.map(\.name) == ["x", "y", "z"])
    // Before version 24 a placeholder of any shape had that of a scalar.
    #expect(graph.node(named: "z")?.outputs.first?.shape == .unknown)
  }

  @Test func gradientsOfOnesOwnAndNeighboursComeBack() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      let y = customGradient(x, name: "twice") { x in (x * 2, { dy in dy * 5 }) }
      _ = withColocation(with: x.node) { identity(y, name: "z") }
    }
    let copy = Graph()
    let imported = try copy.importGraphDef(graph.graphDef(), prefix: "a")
    let (x, z) = (try imported.tensor(named: "x:0"), try imported.tensor(named: "z:0"))
    #expect(z.node.colocationGroups == ["a/x"])
    let error = #expect(throws: GraphError.self) { try gradients(of: z, withRespectTo: [x]) }
    #expect(error?.message.hasPrefix("No gradient defined for operation 'a/twice' (op type: IdentityN)") == true)
    // Who knows the gradient registers it anew.
    copy.registerGradient("CustomGradient-0") { _, upstream in [nil, upstream[0].map { $0 * 5 }] }
    let dx = try #require(try gradients(of: z, withRespectTo: [x])[0])
    let values = try Session(graph: copy).run([z, dx], feeding: [x: HostTensor(Float(3))])
    #expect(values == [HostTensor(Float(6)), HostTensor(Float(5))])
  }

  @Test func operationsThatReachOutsideAreRefusedByName() throws {
    let text =
      Self.node("name", "Placeholder", "attr { key: 'dtype' value { type: DT_STRING } }")
      + Self.node("stolen", "ReadFile", "input: 'name'") + Self.node("out", "Identity", "input: 'stolen'")
    let error = #expect(throws: GraphError.self) { try imported(text) }
    #expect(error?.message.hasPrefix("node 'stolen' (ReadFile): the operation reaches for files") == true)
    let needed = #expect(throws: GraphError.self) { try imported(text, outputs: ["out:0"]) }
    #expect(needed?.message == error?.message)
    #expect(try imported(text, outputs: ["name"]).nodeCount == 1)
  }

  @Test func unknownOperationsAttributesAndCirclesAreRefused() throws {
    let x = Self.node("x", "Placeholder", "attr { key: 'dtype' value { type: DT_FLOAT } }")
    func message(_ text: String) -> String? { #expect(throws: GraphError.self) { try imported(x + text) }?.message }
    #expect(message(Self.node("y", "Frob", "input: 'x'")) == "node 'y' (Frob): the operation is not known here")
    #expect(
      message(Self.node("y", "Relu", "input: 'x' attr { key: 'leak' value { f: 0.5 } }"))
        == "node 'y' (Relu): attribute leak is not known here")
    #expect(
      message(Self.node("y", "Neg", "input: 'z'") + Self.node("z", "Neg", "input: 'y'"))?.contains("waits") == true)
    #expect(message(Self.node("x", "Neg", "input: 'x'")) == "the graph has two nodes 'x'")
    #expect(message(Self.node("y", "Neg", "input: 'w'"))?.contains("no node 'w'") == true)
    #expect(message(Self.node("y", "Neg", "input: 'x:3'"))?.contains("no output 3") == true)
  }

  @Test func frozenGraphsCanBeTrained() throws {
    let frozen = Graph()
    withGraph(frozen) {
      let x = placeholder(shape: [nil, 2], name: "x")
      _ = identity(matMul(x, constant([1, 2] as [Float], shape: [2, 1], name: "w")), name: "y")
    }
    let graph = Graph()
    let imported = try graph.importGraphDef(try frozen.graphDef(), prefix: "") { $0 == "w" }
    let x = try imported.tensor(named: "x")
    let y = try imported.tensor(named: "y")
    #expect(trainableVariables(in: graph).map(\.name) == ["w"])
    let session = Session(graph: graph)
    let step = try withGraph(graph) {
      let loss = reduceMean(square(y - 1))
      return (loss, try GradientDescentOptimizer(learningRate: 0.05).minimize(loss))
    }
    try session.run(globalVariablesInitializer(in: graph))
    let feeding = [x: try HostTensor([1, 0, 0, 1, 1, 1] as [Float], shape: [3, 2])]
    let before = try session.run(step.0, feeding: feeding).scalar(as: Float.self)
    for _ in 0..<50 { try session.run(step.1, feeding: feeding) }
    let after = try session.run(step.0, feeding: feeding).scalar(as: Float.self)
    #expect(after < before / 4)
  }

  @Test func placeholdersWithDefaultsTakeOtherShapes() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(default: constant([1, 2] as [Float]), shape: [nil], name: "x")
      return (x, reduceSum(x))
    }
    let session = Session(graph: graph)
    let unfed = try session.run(y).scalar(as: Float.self)
    let fed = try session.run(y, feeding: [x: HostTensor([1, 2, 3] as [Float])]).scalar(as: Float.self)
    #expect(unfed == 3 && fed == 6)
    let copy = Graph()
    try copy.importGraphDef(try graph.graphDef(), prefix: "")
    #expect(copy.tensor(named: "x")?.shape == [nil])
  }

  @Test func imagesAreDecodedInTheGraph() throws {
    let graph = Graph()
    let (contents, scaled) = withGraph(graph) {
      let contents = placeholder(.string, shape: [], name: "contents")
      return (contents, cast(decodeJpeg(contents, channels: 3), to: .float32) / 255)
    }
    let file = try HostTensor(strings: [Array("P2 2 1 255 0 255".utf8)], shape: [])
    let found = try Session(graph: graph).run(scaled, feeding: [contents: file])
    #expect(found == (try HostTensor([0, 0, 0, 1, 1, 1] as [Float], shape: [1, 2, 3])))
    let copy = Graph()
    try copy.importGraphDef(try graph.graphDef(), prefix: "")
    #expect(copy.nodes.map { AnyHashable($0.operation) } == graph.nodes.map { AnyHashable($0.operation) })
    let broken = try HostTensor(strings: [[1, 2]], shape: [])
    #expect(throws: ExecutionError.self) { try Session(graph: graph).run(scaled, feeding: [contents: broken]) }
  }

  @Test func numbersBecomeText() throws {
    let graph = Graph()
    let texts = withGraph(graph) {
      [
        asString(constant([1, -20] as [Int32])), asString(constant([1.5, 0] as [Float])),
        asString(constant([1.5] as [Double]), precision: 2, scientific: true), asString(constant([true])),
        asString(constant([0.1] as [Float]), shortest: true),
      ]
    }
    let found = try Session(graph: graph).run(texts).flatMap { try $0.strings() }
    let words = found.map { String(decoding: $0, as: UTF8.self) }
    #expect(words == ["1", "-20", "1.500000", "0.000000", "1.50e+00", "true", "0.1"])
  }
}

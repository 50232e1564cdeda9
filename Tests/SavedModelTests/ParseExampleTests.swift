import Espalier
import TestSupport
import Testing

@Suite struct ParseExampleTests {
  private static let features: [String: FeatureSpec] = [
    "x": .fixedLength(shape: [2], .float32),
    "label": .fixedLength(shape: [], .int64, defaultValue: HostTensor(Int64(-1))),
    "words": .variableLength(.string),
    "steps": .fixedLengthSequence(shape: [], .int64),
  ]

  private static func example(_ number: Int, label: Int64?) -> [UInt8] {
    var features: [String: Feature] = [
      "x": .float([Float(number), 0.5]), "words": .bytes([[UInt8]](repeating: [65], count: number)),
      "steps": .int64((0..<number).map(Int64.init)),
    ]
    features["label"] = label.map { .int64([$0]) }
    return Example(features: features).serialized()
  }

  @Test func examplesAreParsedInTheGraph() throws {
    let graph = Graph()
    let (serialized, parsed) = withGraph(graph) {
      let serialized = placeholder(.string, shape: [nil])
      return (serialized, parseExample(serialized, features: Self.features))
    }
    #expect(parsed["x"]?.shape == [nil, 2])
    let examples = try HostTensor(strings: [Self.example(1, label: 7), Self.example(3, label: nil)], shape: [2])
    let values = try Session(graph: graph).run(parsed, feeding: [serialized: examples])
    #expect(values["x"] == (try HostTensor([1, 0.5, 3, 0.5] as [Float], shape: [2, 2])))
    #expect(values["label"] == HostTensor([7, -1] as [Int64]))
    #expect(values["steps"] == (try HostTensor([0, 0, 0, 0, 1, 2] as [Int64], shape: [2, 3])))
    #expect(values["words/values"]?.shape == [4])
    #expect(values["words/shape"] == HostTensor([2, 3] as [Int64]))
    #expect(values["words/indices"] == (try HostTensor([0, 0, 1, 0, 1, 1, 1, 2] as [Int64], shape: [4, 2])))
  }

  @Test func missingFeaturesAreNamed() throws {
    let graph = Graph()
    let (serialized, parsed) = withGraph(graph) {
      let serialized = placeholder(.string, shape: [nil])
      return (serialized, parseExample(serialized, features: ["y": .fixedLength(shape: [], .float32)]))
    }
    let examples = try HostTensor(strings: [Self.example(1, label: 7)], shape: [1])
    let error = #expect(throws: ExecutionError.self) {
      try Session(graph: graph).run(parsed, feeding: [serialized: examples])
    }
    #expect(error?.message.contains("Feature: y (data type: float) is required but could not be found.") == true)
  }

  @Test func modelsTakeExamples() throws {
    let graph = Graph()
    let signature = withGraph(graph) {
      let serialized = placeholder(.string, shape: [nil], name: "examples")
      let x = parseExample(serialized, features: ["x": .fixedLength(shape: [2], .float32)])["x"] ?? serialized
      let scores = matMul(x, getVariable("w", shape: [2, 3]).tensor)
      return SignatureDefinition.classification(examples: serialized, classes: asString(scores), scores: scores)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let examples = try HostTensor(strings: [Self.example(1, label: 7)], shape: [1])
    let serialized = try #require(signature.inputs["inputs"])
    let expected = try session.run(signature.outputs, feeding: [serialized: examples])
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: session, signatures: ["classify": signature]).write(to: directory + "/model")
      let model = try SavedModel.load(directory + "/model")
      #expect(model.signatures["classify"]?.method == .classify)
      let found = try model.predict(["inputs": examples], signature: "classify")
      #expect(found == expected)
    }
  }
}

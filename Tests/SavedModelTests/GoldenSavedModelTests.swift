import Espalier
import Foundation
import TestSupport
import Testing

/// Models that TensorFlow wrote run here, to the numbers that TensorFlow computes.
@Suite(.enabled(if: SharedData.isPresent, "there is no reference data here")) struct GoldenSavedModelTests {
  private static let folder = "golden/savedmodel/"

  struct Case: CustomTestStringConvertible {
    let model: String
    var directory: String?
    var tags: Set<String> = ["serve"]
    var prefix: String?
    var outputs = ["logits", "probabilities", "classes"]

    var testDescription: String { "\(model) \(tags.sorted())" }
  }

  static let cases = [
    Case(model: "simple_save"), Case(model: "simple_save_resource"),
    Case(model: "two_tags", tags: ["serve", "cpu"], prefix: "two_tags_serve", outputs: ["logits", "probabilities"]),
    Case(model: "two_tags", tags: ["train"], prefix: "two_tags_train", outputs: ["logits", "probabilities"]),
    Case(model: "estimator_raw", directory: "estimator_raw/1700000000"),
  ]

  static func path(_ name: String) throws -> String { try SharedData.url(folder + name).path }

  static func array(_ name: String) throws -> HostTensor { try NumpyFile.read(path(name + ".npy")) }

  static func expectClose(_ found: HostTensor?, _ name: String) throws {
    let expected = try array(name)
    let found = try #require(found)
    #expect(found.dataType == expected.dataType && found.shape == expected.shape)
    let pairs = try zip(found.doubles(), expected.doubles())
    let worst = pairs.map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
    #expect(worst <= 1e-5, "\(name): \(worst)")
  }

  @Test(arguments: cases) func modelsRun(_ item: Case) throws {
    let model = try SavedModel.load(Self.path(item.directory ?? item.model), tags: item.tags)
    let results = try model.predict(["image": Self.array("input")])
    #expect(results.keys.sorted() == item.outputs.sorted())
    for output in item.outputs { try Self.expectClose(results[output], "\(item.prefix ?? item.model)_\(output)") }
  }

  @Test func modelsTakeSerializedExamples() throws {
    let model = try SavedModel.load(Self.path("estimator_parsing/1700000000"))
    let reader = try TFRecordReader(path: Self.path("estimator_parsing_examples.tfrecord"))
    var records: [[UInt8]] = []
    while let record = try reader.next() { records.append(record) }
    let examples = try HostTensor(strings: records, shape: [records.count])
    let results = try model.predict(["examples": examples])
    for output in ["logits", "probabilities", "classes"] {
      try Self.expectClose(results[output], "estimator_parsing_\(output)")
    }
    let classified = try model.predict(["inputs": examples], signature: "classify")
    try Self.expectClose(classified["scores"], "estimator_parsing_classify_scores")
    let classes = try #require(classified["classes"]).strings().map { String(decoding: $0, as: UTF8.self) }
    #expect(classes == (0..<records.count).flatMap { _ in (0..<10).map(String.init) })
  }

  @Test(arguments: ["frozen_graph.pb", "frozen_graph.pbtxt"]) func frozenGraphsRun(_ file: String) throws {
    let graph = Graph()
    let outputs = ["logits", "probabilities", "classes"]
    let imported = try graph.importGraphDef(from: Self.path("frozen/" + file), outputs: outputs)
    let input = try imported.tensor(named: "image:0")
    let tensors = try outputs.map { try imported.tensor(named: $0) }
    let values = try Session(graph: graph).run(tensors, feeding: [input: Self.array("input")])
    for (output, value) in zip(outputs, values) { try Self.expectClose(value, "frozen_\(output)") }
  }

  @Test(arguments: ["simple_save", "simple_save_resource"]) func modelsAreTrainedFurther(_ name: String) throws {
    let model = try SavedModel.load(Self.path(name))
    let signature = try #require(model.signatures["serving_default"])
    let (image, logits) = (try #require(signature.inputs["image"]), try #require(signature.outputs["logits"]))
    let step = try withGraph(model.graph) {
      let loss = reduceMean(
        sparseSoftmaxCrossEntropyWithLogits(labels: constant([1, 2, 3, 4] as [Int32]), logits: logits))
      return (loss, try GradientDescentOptimizer(learningRate: 0.05).minimize(loss))
    }
    let feeding = [image: try Self.array("input")]
    let before = try model.session.run(step.0, feeding: feeding).scalar(as: Float.self)
    for _ in 0..<20 { try model.session.run(step.1, feeding: feeding) }
    let after = try model.session.run(step.0, feeding: feeding).scalar(as: Float.self)
    #expect(after < before * 0.8, "\(before) to \(after)")
    // What was trained is exported, and comes back.
    let images = try Self.array("input")
    let trained = try model.predict(["image": images])
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: model.session, signatures: model.signatures).write(to: directory + "/model")
      let again = try SavedModel.load(directory + "/model")
      let results = try again.predict(["image": images])
      #expect(results == trained)
    }
  }
}

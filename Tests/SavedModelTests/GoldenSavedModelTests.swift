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
}

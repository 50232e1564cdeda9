import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, "there is no reference data beside the checkout"))
struct PretrainedTests {
  private struct Expected: Decodable {
    let expectedLogits: [[Double]]
    let expectedPredictions: [Int64]
    let parametersTrainable: Int
  }

  @Test(arguments: [("resnet20", 3), ("resnet56", 9)]) func givesTheLogitsOfItsCheckpoint(
    _ name: String, _ blocks: Int
  ) throws {
    let folder = try SharedData.url("pretrained/\(name)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let expected = try decoder.decode(
      Expected.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let graph = Graph()
    let (images, logits) = withGraph(graph) {
      let images = placeholder(.uint8, shape: [nil, 32, 32, 3])
      let net = PretrainedCifarResNet(blocksPerStage: blocks)
      return (images, variableScope("resnet") { net(net.preprocess(images)) })
    }
    let variables = trainableVariables(in: graph)
    #expect(variables.reduce(0) { $0 + $1.shape.reduce(1, *) } == expected.parametersTrainable)
    let session = Session(graph: graph)
    let checkpoint = try CheckpointReader(prefix: folder.appendingPathComponent("model.ckpt").path)
    for variable in graph.collection(.globalVariables, of: Variable.self) {
      try session.variables.set(try checkpoint.tensor(named: variable.name), for: variable.name)
    }
    let batch = try NumPyFile(folder.appendingPathComponent("images_uint8.npy")).values
    let got = try session.run(logits, feeding: [images: batch]).doubles()
    for (value, want) in zip(got, expected.expectedLogits.joined()) {
      #expect(Swift.abs(value - want) <= 0.002 + 0.001 * Swift.abs(want))
    }
    let rows = stride(from: 0, to: got.count, by: 10).map { got[$0..<$0 + 10] }
    let classes = rows.map { row in Int64(row.indices.max { row[$0] < row[$1] }.map { $0 - row.startIndex } ?? -1) }
    #expect(classes == expected.expectedPredictions)
  }
}

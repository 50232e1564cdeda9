import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierResNet
import Foundation
import TestSupport
import Testing

/// Runs networks that others trained, from TensorFlow's checkpoints.
@Suite(.enabled(if: SharedData.isPresent, "there is no reference data on this machine"))
struct PretrainedTests {
  @Test(arguments: [("resnet20", 3), ("resnet56", 9)])
  func logitsAreThoseOfTheirAuthor(name: String, blocks: Int) throws {
    let folder = "pretrained/\(name)/"
    let expected = try JSON.shared(folder + "expected.json")
    let network = PretrainedNetwork(blocks: blocks)
    let session = Session(graph: network.graph)
    try network.load(folder + "model.ckpt", into: session.variables)
    let images = try sharedArray(folder + "images_uint8.npy")
    let logits = try session.run(network.logits, feeding: [network.images: images])
    let rows = try expected["expected_logits"].array.map { try $0.array.map { try $0.double } }
    let (atol, rtol) = try (
      expected["logits_tolerance"]["atol"].double, expected["logits_tolerance"]["rtol"].double
    )
    for (got, want) in zip(try logits.doubles(), rows.flatMap { $0 }) {
      #expect(abs(got - want) <= atol + rtol * abs(want))
    }
    let predictions = try rows.indices.map { row in
      let numbers = try logits.part(row).doubles()
      return numbers.indices.max { numbers[$0] < numbers[$1] }
    }
    #expect(predictions == (try expected["expected_predictions"].array.map { try Int($0.double) }))
  }

  @Test(arguments: [
    ("bn1_output", "resnet/bn1/FusedBatchNormV3"), ("stage1_output", "resnet/stage1/block2/Relu_1"),
    ("stage2_output", "resnet/stage2/block2/Relu_1"), ("stage3_output", "resnet/stage3/block2/Relu_1"),
  ])
  func activationsAreThoseOfTheirAuthor(name: String, node: String) throws {
    let network = PretrainedNetwork(blocks: 3)
    let session = Session(graph: network.graph)
    try network.load("pretrained/resnet20/model.ckpt", into: session.variables)
    let image = try sharedArray("pretrained/resnet20/images_uint8.npy").part(0).reshaped([1, 32, 32, 3])
    let tensor = try #require(network.graph.tensor(named: node))
    let got = try session.run(tensor, feeding: [network.images: image])
    let want = try sharedArray("pretrained/resnet20/\(name).npy")
    #expect(got.shape == want.shape)
    for (a, b) in zip(try got.doubles(), try want.doubles()) where !(abs(a - b) <= 1e-3 + 1e-3 * abs(b)) {
      Issue.record("\(a) is not \(b)")
      return
    }
  }
}

private let fullArchive = ProcessInfo.processInfo.environment["ESPALIER_CIFAR10"]

/// Counts right answers over all images of the test set, which are only in the full archive; `ESPALIER_CIFAR10` says
/// where it is.
@Suite(.enabled(if: SharedData.isPresent && fullArchive != nil, "ESPALIER_CIFAR10 names no full archive"))
struct WholeTestSet {
  @Test(arguments: [("resnet20", 3), ("resnet56", 9)])
  func topOneIsTheAuthors(name: String, blocks: Int) throws {
    let path = try #require(fullArchive)
    let batch = try #require(try CifarArchive.batches(path: path)["test_batch"])
    let network = PretrainedNetwork(blocks: blocks)
    let session = Session(graph: network.graph)
    try network.load("pretrained/\(name)/model.ckpt", into: session.variables)
    let classes = withGraph(network.graph) { argMax(network.logits, axis: 1) }
    let planar = withGraph(network.graph) { placeholder(.uint8, shape: [nil, 3, 32, 32]) }
    let images = withGraph(network.graph) { transpose(planar, order: [0, 2, 3, 1]) }
    var right = 0
    for start in stride(from: 0, to: batch.count, by: 500) {
      let rows = start..<min(start + 500, batch.count)
      let bytes = Array(batch.pixels[rows.lowerBound * CifarBatch.imageSize..<rows.upperBound * CifarBatch.imageSize])
      let pixels = try session.run(images, feeding: [planar: HostTensor(bytes, shape: [rows.count, 3, 32, 32])])
      let answers = try session.run(classes, feeding: [network.images: pixels]).scalars(as: Int64.self)
      right += zip(answers, batch.labels[rows]).count { $0 == Int64($1) }
    }
    let expected = try JSON.shared("pretrained/\(name)/expected.json")["test_set"]
    #expect(batch.count == (try expected["images"].int))
    #expect(abs(right - (try expected["correct"].int)) <= 3, "\(right) right answers")
  }
}

/// The network of the published checkpoints.
private struct PretrainedNetwork {
  let graph = Graph()
  let images: Tensor
  let logits: Tensor

  init(blocks: Int) {
    images = withGraph(graph) { placeholder(.uint8, shape: [nil, 32, 32, 3], name: "images") }
    logits = withGraph(graph) { [images] in
      let network = PretrainedCifarResNet(blocksPerStage: blocks)
      return variableScope("resnet") { network(network.preprocess(images)) }
    }
  }

  func load(_ prefix: String, into store: VariableStore) throws {
    let checkpoint = try CheckpointReader(prefix: SharedData.url(prefix).path)
    let variables: [Variable] = graph.collection(.globalVariables)
    for variable in variables {
      try store.set(try checkpoint.tensor(named: variable.name), for: variable.name)
    }
  }
}

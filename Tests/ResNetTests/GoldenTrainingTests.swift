import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import Foundation
import TestSupport
import Testing

/// Training runs of the tutorial's network that TensorFlow recorded loss by loss.
@Suite(.enabled(if: SharedData.isPresent, "there is no reference data beside the checkout"))
struct GoldenTrainingTests {
  /// What a recorded run says of itself.
  private struct Recording: Decodable {
    struct Configuration: Decodable {
      let numClasses: Int
      let numLayers: Int
      let weightDecay: Double
      let momentum: Double
      let lrValues: [Double]
      let batch: Int
    }
    struct Step: Decodable {
      let loss: Double
      let tolerance: Double?
    }
    let config: Configuration
    let steps: [Step]
  }

  private struct Nodes {
    let images: Tensor
    let labels: Tensor
    let logits: Tensor
    let loss: Tensor
    let gradients: [GradientAndVariable]
    let train: [Node]
  }

  private func build(_ configuration: Recording.Configuration) throws -> Nodes {
    let images = placeholder(.uint8, shape: [configuration.batch, 32, 32, 3])
    let labels = placeholder(.int32, shape: [configuration.batch])
    let net = ResNetCifar10(
      layerCount: configuration.numLayers, isTraining: true, classCount: configuration.numClasses)
    let logits = variableScope("resnet") { net.forwardPass(cast(images, to: .float32)) }
    let crossEntropy = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
    let decay = addN(trainableVariables(in: images.graph).map { l2Loss($0.value) })
    let loss = crossEntropy + configuration.weightDecay * decay
    let optimizer = MomentumOptimizer(learningRate: configuration.lrValues[0], momentum: configuration.momentum)
    let pairs = try optimizer.computeGradients(of: loss)
    let apply = try optimizer.applyGradients(pairs, globalStep: getOrCreateGlobalStep())
    return Nodes(
      images: images, labels: labels, logits: logits, loss: loss, gradients: pairs,
      train: [apply] + images.graph.updateOps())
  }

  private func restore(_ session: Session, from url: URL) throws {
    let checkpoint = try CheckpointReader(prefix: url.path)
    for variable in checkpoint.variables where session.graph.variable(named: variable.name) != nil {
      try session.variables.set(try checkpoint.tensor(named: variable.name), for: variable.name)
    }
  }

  /// The runs, the folder with their images and first weights, and how many steps to follow.
  @Test(arguments: [("resnet8_v1", "resnet8_v1", 3)])
  func followsTensorFlow(_ run: String, _ source: String, _ count: Int) throws {
    let folder = try SharedData.url("golden/training/\(run)")
    let sources = try SharedData.url("golden/training/\(source)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let recording = try decoder.decode(
      Recording.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let images = try NumPyFile(sources.appendingPathComponent("images_uint8.npy")).values
    let labels = try NumPyFile(sources.appendingPathComponent("labels_int32.npy")).values
    let graph = Graph()
    let nodes = try withGraph(graph) { try build(recording.config) }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    try restore(session, from: sources.appendingPathComponent("initial.ckpt"))
    func feeds(_ step: Int) throws -> [Tensor: HostTensor] {
      [nodes.images: try images.row(step), nodes.labels: try labels.row(step)]
    }
    let logits = try session.run(nodes.logits, feeding: feeds(0)).doubles()
    let wantLogits = try NumPyFile(folder.appendingPathComponent("step0_logits.npy")).values.doubles()
    #expect(zip(logits, wantLogits).allSatisfy { Swift.abs($0 - $1) < 2e-4 })
    try compareGradients(nodes, session, try feeds(0), sources)
    for (index, step) in recording.steps.prefix(count).enumerated() {
      let loss = try session.run([nodes.loss], targets: nodes.train, feeding: feeds(index))[0].doubles()[0]
      guard let tolerance = step.tolerance else { continue }
      #expect(Swift.abs(loss - step.loss) <= tolerance, "loss of step \(index) is \(loss), not \(step.loss)")
    }
  }

  /// Compares the gradients of the first step: the norm of the difference over the norm.
  private func compareGradients(
    _ nodes: Nodes, _ session: Session, _ feeds: [Tensor: HostTensor], _ folder: URL
  ) throws {
    let golden = try CheckpointReader(prefix: folder.appendingPathComponent("step0_gradients.ckpt").path)
    let results = try session.run(nodes.gradients.compactMap(\.gradient), feeding: feeds)
    for (pair, result) in zip(nodes.gradients, results) {
      let want = try golden.tensor(named: pair.variable.name).doubles()
      let difference = zip(try result.doubles(), want).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let norm = want.reduce(0) { $0 + $1 * $1 }
      #expect((difference / norm).squareRoot() < 0.02, "gradient of \(pair.variable.name)")
    }
  }
}

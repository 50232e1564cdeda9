import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierGradients
import EspalierGraph
import EspalierResNet
import TestSupport
import Testing

@Suite struct ResidualNetworkTests {
  private func network(
    _ hyperparameters: ResidualHyperparameters, isTraining: Bool = true
  ) throws -> (network: ResidualNetwork, variables: [Variable]) {
    let graph = Graph()
    let network = withGraph(graph) {
      ResidualNetwork(
        hyperparameters, images: placeholder(.float32, shape: [nil, 32, 32, 3]),
        labels: placeholder(.int32, shape: [nil]), isTraining: isTraining)
    }
    try graph.check()
    return (network, trainableVariables(in: graph))
  }

  @Test(arguments: [(false, 464_154, 32), (true, 497_690, 47)]) func parameters(
    _ bottleneck: Bool, _ want: Int, _ layers: Int
  ) throws {
    var hyperparameters = ResidualHyperparameters()
    hyperparameters.useBottleneck = bottleneck
    let (network, variables) = try network(hyperparameters)
    #expect(variables.reduce(0) { $0 + $1.shape.reduce(1, *) } == want)
    #expect(hyperparameters.layerCount == layers)
    #expect(network.logits.shape == [nil, 10])
    #expect(variables.map(\.name).contains("unit_1_0/sub1/conv1/DW"))
    #expect(variables.map(\.name).contains("unit_last/final_bn/gamma"))
  }

  @Test func negativeNumbersKeepAShare() throws {
    let graph = Graph()
    let (y, dx) = try withGraph(graph) {
      let x = constant([Float(-1), 2])
      let network = ResidualNetwork(
        ResidualHyperparameters(), images: placeholder(.float32, shape: [nil, 32, 32, 3]),
        labels: placeholder(.int32, shape: [nil]), isTraining: false)
      let y = network.relu(x)
      return (y, try gradients(of: y, withRespectTo: [x])[0])
    }
    let session = Session(graph: graph)
    let slopes = try session.run(try #require(dx)).scalars(as: Float.self)
    #expect(try session.run(y).scalars(as: Float.self) == [-0.1, 2])
    #expect(slopes == [0.1, 1])
  }

  @Test func ratesAreFed() throws {
    let graph = Graph()
    let hook = withGraph(graph) { LearningRateSetterHook(constant(Float(0.1))) }
    #expect([0, 39_999, 40_000, 60_000, 80_000].map(hook.rate) == [0.1, 0.1, 0.01, 0.001, 0.0001])
  }

  @Test func trainsGoesOnAndEvaluates() throws {
    try withTemporaryDirectory { directory in
      var hyperparameters = ResidualHyperparameters()
      hyperparameters.residualUnitCount = 1
      let images = try HostTensor((0..<4 * 16 * 16 * 3).map { Float($0 % 17) / 17 }, shape: [4, 16, 16, 3])
      let batch = Sample(features: images, labels: HostTensor([Int32(0), 1, 2, 3]))
      let input = Dataset.elements([batch]).repeated()
      let training = ResidualTraining(hyperparameters, directory: directory, seed: 1)
      let lines = Lines()
      try Logging.withSink({ _, line in lines.add(line) }) {
        let none = try training.evaluate(input)
        #expect(none == nil)
        try training.train(input, maxSteps: 3)
        try training.train(input, maxSteps: 5)
        let precision = try training.evaluate(input, batches: 2)
        #expect(precision != nil)
      }
      #expect(lines.all.contains("image after unit unit_1_0: (None, 16, 16, 16)"))
      #expect(lines.all.contains { $0.contains("best precision: ") })
      #expect(lines.all.contains { $0.hasSuffix("model.ckpt-3") && $0.hasPrefix("Restoring") })
    }
  }
}

/// Lines of the log.
private final class Lines: Sendable {
  private let lines = Lock<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

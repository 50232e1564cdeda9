import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import TestSupport
import Testing

/// Numbers and names of the published program.
@Suite struct ResidualDetailTests {
  private struct Built {
    let network: ResidualNetwork
    let images: Tensor
    let labels: Tensor
    let session: Session
  }

  /// Returns a network of one unit in each stage, or as many as the hyperparameters say, with its weights drawn.
  private func build(
    _ hyperparameters: ResidualHyperparameters? = nil, isTraining: Bool = true,
    _ more: (ResidualNetwork) throws -> Void = { _ in }
  ) throws -> Built {
    var small = ResidualHyperparameters()
    small.residualUnitCount = 1
    let graph = Graph()
    graph.seed = 5
    let (network, images, labels) = try withGraph(graph) {
      let images = placeholder(.float32, shape: [nil, 8, 8, 3])
      let labels = placeholder(.int32, shape: [nil])
      let network = ResidualNetwork(hyperparameters ?? small, images: images, labels: labels, isTraining: isTraining)
      try more(network)
      return (network, images, labels)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    return Built(network: network, images: images, labels: labels, session: session)
  }

  private func feeds(_ built: Built) throws -> [Tensor: HostTensor] {
    let images = try FormulaWeights.images([4, 8, 8, 3], maximum: 1)
    return [built.images: images, built.labels: HostTensor([Int32(0), 3, 5, 9])]
  }

  private func deviation(_ values: [Double]) -> Double {
    (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
  }

  @Test func hyperparametersAreThePublishedOnes() {
    let values = ResidualHyperparameters()
    #expect(values.batchSize == 128 && values.classCount == 10 && values.residualUnitCount == 5)
    #expect(values.minLearningRate == 0.0001 && values.learningRate == 0.1 && values.weightDecayRate == 0.0002)
    #expect(values.reluLeakiness == 0.1 && !values.useBottleneck && values.optimizer == .momentum)
  }

  @Test func weightsAreDrawnByFanOut() throws {
    var hyperparameters = ResidualHyperparameters()
    hyperparameters.residualUnitCount = 2
    let built = try build(hyperparameters)
    let kernel = try #require(built.session.variables.value(of: "unit_3_1/sub1/conv1/DW"))
    #expect(kernel.shape == [3, 3, 64, 64])
    let weights = try kernel.doubles()
    let want = (2 / Double(9 * 64)).squareRoot()
    #expect(abs(deviation(weights) - want) < 0.02 * want)
    // Not truncated: of 36,864 numbers some are further out than three deviations.
    #expect(weights.contains { abs($0) > 3 * want })
    let last = try #require(built.session.variables.value(of: "logit/DW")).doubles()
    let limit = (3.0 / 64).squareRoot()
    #expect(last.count == 640 && last.allSatisfy { abs($0) <= limit } && last.contains { abs($0) > 0.95 * limit })
    #expect(abs(deviation(last) - limit / 3.0.squareRoot()) < 0.005)
    #expect(try #require(built.session.variables.value(of: "logit/biases")).doubles().allSatisfy { $0 == 0 })
  }

  @Test func onlyImagesArePooled() throws {
    let graph = Graph()
    let shape = withGraph(graph) {
      let network = ResidualNetwork(
        ResidualHyperparameters(), images: placeholder(.float32, shape: [nil, 8, 8, 3]),
        labels: placeholder(.int32, shape: [nil]), isTraining: false)
      _ = network.globalAveragePool(placeholder(.float32, shape: [nil, 8, 3]))
      return network.globalAveragePool(placeholder(.float32, shape: [nil, 8, 4, 3])).shape
    }
    #expect(shape == [nil, 3])
    #expect(graph.diagnostics.map(\.message) == ["globalAveragePool takes [N, H, W, C], not [?,8,3]"])
    #expect(throws: GraphError.self) { try graph.check() }
  }

  @Test func costIsCrossEntropyAndTheWeightsOfConvolutions() throws {
    let built = try build()
    let crossEntropy = try #require(built.session.graph.node(named: "costs/xent")).outputs[0]
    let values = try built.session.run([built.network.cost, crossEntropy], feeding: feeds(built))
      .map { try $0.doubles()[0] }
    let weights = trainableVariables(in: built.session.graph).filter { $0.name.contains("DW") }
    #expect(weights.count == 8)
    let squares = try weights.flatMap { try #require(built.session.variables.value(of: $0.name)).doubles() }
    let decay = 0.0002 * squares.reduce(0) { $0 + $1 * $1 } / 2
    #expect(abs(values[0] - values[1] - decay) < 1e-5 * values[0])
  }

  @Test func summariesHaveThePublishedTags() throws {
    for isTraining in [true, false] {
      let built = try build(isTraining: isTraining)
      let graph = built.session.graph
      let merged = try #require(withGraph(graph) { Summaries.mergeAll() })
      let bytes = try built.session.run(merged, feeding: feeds(built)).strings()[0]
      let tags = try Summary(serialized: bytes).values.map(\.tag)
      #expect(Set(["cost", "accuracy", "learning_rate"]).isSubset(of: tags))
      let moving = tags.filter { $0.hasSuffix("moving_mean") || $0.hasSuffix("moving_variance") }
      #expect(moving.count == (isTraining ? 0 : 14), "evaluation shows how the statistics are distributed")
    }
  }

  @Test func theConstantRateIsFed() throws {
    var trainOp: Node?
    let built = try build { trainOp = try $0.trainOp() }
    let step = try #require(trainOp)
    func weights() throws -> HostTensor? { built.session.variables.value(of: "unit_2_0/sub1/conv1/DW") }
    let before = try weights()
    var fed = try feeds(built)
    fed[built.network.learningRate] = HostTensor(Float(0))
    _ = try built.session.run([], targets: [step], feeding: fed)
    #expect(try weights() == before)
    fed[built.network.learningRate] = HostTensor(Float(0.1))
    _ = try built.session.run([], targets: [step], feeding: fed)
    #expect(try weights() != before)
    #expect(built.session.variables.value(of: "global_step") == HostTensor(Int64(2)))
    // The averages are corrected for their start at zero: after a step they are the statistics of its batch.
    let moving = try #require(built.session.variables.value(of: "unit_1_0/shared_activation/init_bn/moving_variance"))
    #expect(try moving.doubles().allSatisfy { $0 > 0 && $0 != 1 })
    #expect(built.network.extraTrainOps.count == 14)
  }

  @Test(arguments: [ResidualInput.DataSet.cifar10, .cifar100]) func recordsBecomeBatches(
    _ dataSet: ResidualInput.DataSet
  ) throws {
    try withTemporaryDirectory { directory in
      let offset = dataSet == .cifar10 ? 0 : 1
      for file in 0..<2 {
        let records = (0..<5).flatMap { record -> [UInt8] in
          [UInt8](repeating: 19, count: offset) + [UInt8(5 * file + record)]
            + (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ record) }
        }
        try write(records, toFile: "\(directory)/data_batch_\(file).bin")
      }
      let batches = try ResidualInput.batches(
        dataSet, ["\(directory)/data_batch_*.bin"], batchSize: 4, isTraining: false
      ).collected()
      #expect(batches.map { $0.features.only?.shape } == [[4, 32, 32, 3], [4, 32, 32, 3]])
      #expect(try batches[1].labels?.only?.doubles() == [4, 5, 6, 7])
      let pixels = try #require(batches[0].features.only).doubles().prefix(3072)
      #expect(abs(pixels.reduce(0, +)) < 1e-2 && abs(deviation(Array(pixels)) - 1) < 1e-3)
      let training = try ResidualInput.batches(
        dataSet, ["\(directory)/data_batch_*.bin"], batchSize: 8, isTraining: true, oneHot: true, seed: 3
      ).makeIterator()
      for _ in 0..<3 {
        let batch = try #require(try training.next())
        #expect(batch.features.only?.shape == [8, 32, 32, 3])
        let labels = try #require(batch.labels?.only)
        #expect(labels.shape == [8, dataSet.classCount])
        #expect(try labels.doubles().reduce(0, +) == 8)
      }
      #expect(throws: ResNetError.self) {
        try ResidualInput.batches(dataSet, ["\(directory)/none*"], batchSize: 4, isTraining: true)
      }
    }
  }

  @Test func parametersAndWorkAreCounted() throws {
    let estimator = try Estimator { features, labels, mode in
      let images = try #require(features.only)
      let network = ResidualNetwork(
        ResidualHyperparameters(), images: images, labels: try #require(labels?.only), isTraining: mode == .train)
      return try EstimatorSpec(mode: mode, loss: network.cost, trainOp: try network.trainOp())
    }
    let sample = Sample(
      features: HostTensor(zeros: .float32, shape: [2, 32, 32, 3]), labels: HostTensor([Int32(1), 2]))
    let silence: @Sendable (Logging.Level, String) -> Void = { _, _ in }
    let summary = try Logging.withSink(silence) { try estimator.summary(for: sample) }
    #expect(summary.trainableParameterCount == 464_154)
    let first = try #require(summary.layers.first { $0.name == "init/init_conv" })
    #expect(first.multiplyAdds == 2 * 32 * 32 * 9 * 3 * 16)
    let second = try #require(summary.layers.first { $0.name == "unit_2_0/sub1/conv1" })
    #expect(second.multiplyAdds == 2 * 16 * 16 * 9 * 16 * 32)
  }
}

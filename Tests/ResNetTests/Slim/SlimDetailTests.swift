import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import TestSupport
import Testing

/// Numbers, names and words of slim.
@Suite struct SlimDetailTests {
  private func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// Returns a small network in training, and its loss.
  private func network(classCount: Int = 2) -> (graph: Graph, loss: Tensor) {
    let graph = Graph()
    graph.seed = 3
    let loss = withGraph(graph) {
      let images = constant((0..<2 * 48 * 48 * 3).map { Float($0 % 13) / 13 }, shape: [2, 48, 48, 3])
      let net = Slim.argScope(Slim.resnetArgScope(isTraining: true)) {
        Slim.resnetV1(
          images, blocks: Slim.resnetV1Blocks([1, 1, 1, 1], baseDepth: 16), classCount: classCount, scope: "resnet"
        ).net
      }
      _ = Losses.sparseSoftmaxCrossEntropy(labels: constant([Int32(0), 1]), logits: net)
      return Losses.totalLoss()
    }
    return (graph, loss)
  }

  @Test func resNet101IsSlims() throws {
    let graph = Graph()
    let (net, endPoints) = withGraph(graph) {
      Slim.argScope(Slim.resnetArgScope(isTraining: true)) {
        Slim.resnetV1101(placeholder(.float32, shape: [nil, 224, 224, 3]))
      }
    }
    try graph.check()
    #expect(count(trainableVariables(in: graph)) == 42_500_160)
    #expect(net.shape == [nil, 1, 1, 2048])
    #expect(endPoints["resnet_v1_101/block3"]?.shape == [nil, 7, 7, 1024])
  }

  @Test func theLossIsCrossEntropyAndDecay() throws {
    let (graph, loss) = network()
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let parts: [Tensor] = graph.collection(.losses)
    let values = try session.run([loss, parts[0]]).map { try $0.doubles()[0] }
    let weights = trainableVariables(in: graph).filter { $0.name.hasSuffix("weights") }
    let squares = try weights.flatMap { try #require(session.variables.value(of: $0.name)).doubles() }
    let decay = 1e-4 * squares.reduce(0) { $0 + $1 * $1 } / 2
    #expect(abs(values[0] - values[1] - decay) < 1e-5 * values[0])
    #expect(Losses.regularizationLosses(in: graph).count == weights.count)
  }

  @Test func weightsAreDrawnByFanIn() throws {
    let (graph, _) = network()
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let name = "resnet/block4/unit_1/bottleneck_v1/conv2/weights"
    let weights = try #require(session.variables.value(of: name)).doubles()
    let want = (2.0 / Double(9 * 128)).squareRoot()
    let deviation = (weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)).squareRoot()
    #expect(weights.count == 147_456 && abs(deviation - want) < 0.02 * want)
    #expect(weights.allSatisfy { abs($0) <= 2.0001 * (1.3 * 2 / Double(9 * 128)).squareRoot() }, "truncated")
  }

  @Test func movingStatisticsFollowAsSlims() throws {
    let (graph, loss) = network()
    let normalisation = try #require(graph.nodes.first { $0.operation.name.hasPrefix("FusedBatchNorm") })
    // Slim's 1e-5, which fused operations raise to their least.
    #expect(normalisation.operation.attributes["epsilon"] == .float(1.001e-5))
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let batch = normalisation.outputs[1]
    let mean = try session.run([batch], targets: graph.updateOps())[0].doubles()
    let moving = try #require(session.variables.value(of: "resnet/conv1/BatchNorm/moving_mean")).doubles()
    #expect(zip(moving, mean).allSatisfy { abs($0 - 0.003 * $1) <= 1e-5 * abs($1) + 1e-9 })
    #expect(loss.shape == [])
  }

  @Test func whatACheckpointHasNotIsSaid() throws {
    try withTemporaryDirectory { directory in
      let (saved, _) = network(classCount: 5)
      let session = Session(graph: saved)
      try session.run(globalVariablesInitializer(in: saved))
      _ = try Logging.withSink({ _, _ in }) { try Saver().save(session, directory: directory, step: 0) }
      let lines = Lock<[String]>([])
      try Logging.withSink({ _, line in lines.withLock { $0.append(line) } }) {
        let (graph, _) = network()
        try withGraph(graph) {
          _ = getVariable("another", shape: [3])
          try Slim.initVariablesFromCheckpoint(directory, excluding: ["resnet/conv1", "resnet/block1"])
        }
      }
      let warnings = lines.withLock { $0 }.filter { $0.hasPrefix("Variable [") }
      #expect(warnings.contains("Variable [another] is not available in checkpoint"))
      #expect(
        warnings.contains(
          "Variable [resnet/logits/weights] is available in checkpoint, but has an incompatible shape with model variable."
        ))
      // The biases of the logits are the third; nothing is said of what is excluded.
      #expect(warnings.count == 3)
    }
  }

  @Test func theTrainOpIsTheLossAndSummarisesGradients() throws {
    let (graph, loss) = network()
    let trainOp = try withGraph(graph) {
      try Slim.createTrainOp(
        loss, MomentumOptimizer(learningRate: 0.01, momentum: 0.9), summarizeGradients: true)
    }
    let merged = try #require(withGraph(graph) { Summaries.mergeAll() })
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let moving = "resnet/conv1/BatchNorm/moving_mean"
    let before = session.variables.value(of: moving)
    let results = try session.run([trainOp, loss])
    #expect(try results[0].doubles() == results[1].doubles() && results[0].shape.isEmpty)
    #expect(session.variables.value(of: moving) != before, "the updates come along")
    #expect(session.variables.value(of: "global_step") == HostTensor(Int64(1)))
    let tags = try Summary(serialized: session.run(merged).strings()[0]).values.map(\.tag)
    #expect(tags.contains("resnet/conv1/weights/gradient") && tags.contains("resnet/conv1/weights/gradient_norm"))
  }

  @Test func aLossThatIsNoNumberIsAnError() throws {
    let graph = Graph()
    let trainOp = try withGraph(graph) {
      let w = getVariable("w", shape: [], initializer: Initializers.zeros)
      return try Slim.createTrainOp(log(w.tensor - 1), GradientDescentOptimizer(learningRate: 0.1))
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    do {
      _ = try session.run(trainOp)
      Issue.record("the logarithm of -1 is no number")
    } catch { #expect("\(error)".contains("LossTensor is inf or nan")) }
  }

  @Test func fileFormatsAreDecoded() throws {
    let pixels: [UInt8] = Array(1...12)
    let example = Example(features: [
      "image/encoded": .bytes([Array("P6 2 2 255\n".utf8) + pixels]), "image/class/label": .int64([1]),
    ])
    let decoder = ExampleItems.Decoder([
      "image": ExampleItems.Image(), "label": ExampleItems.Tensor("image/class/label"),
    ])
    let items = try decoder.decode(example.serialized())
    #expect(items["image"]?.dataType == .uint8 && items["image"]?.shape == [2, 2, 3])
    #expect(try items["image"]?.scalars(as: UInt8.self) == pixels)
    #expect(items["label"]?.shape == [])
  }

  @Test func foldersBecomeRecords() throws {
    try withTemporaryDirectory { directory in
      for (kind, count) in [("cats", 3), ("dogs", 2)] {
        try LocalFileSystem().createDirectory("\(directory)/images/\(kind)")
        for index in 0..<count {
          let image = Array("P6 1 1 255\n".utf8) + [UInt8(index), 2, 3]
          try write(image, toFile: "\(directory)/images/\(kind)/\(index).ppm")
        }
      }
      let path = directory + "/records/train.record"
      #expect(try Slim.writeRecords(ofImagesIn: directory + "/images", to: path) == 5)
      let examples = try Dataset.tfRecords([path]).collected().map { try Example(serialized: $0).features }
      #expect(examples.map { $0["image/class/label"] }.filter { $0 == .int64([0]) }.count == 3)
      #expect(examples.allSatisfy { $0["image/format"] == .bytes([Array("ppm".utf8)]) })
      #expect(throws: (any Error).self) { try Slim.writeRecords(ofImagesIn: directory + "/records", to: path) }
    }
  }

  @Test func imagesAreDistorted() throws {
    var random = ElementRandom(seed: 2, element: 0)
    let plain = try HostTensor([Float](repeating: 100, count: 60 * 90 * 3), shape: [60, 90, 3])
    var hasFrame = false
    for _ in 0..<8 {
      let image = try Slim.preprocess(plain, size: 56, isTraining: true, using: &random)
      #expect(image.shape == [56, 56, 3])
      let means = ImagenetPreprocessing.channelMeans.map { Double($0) }
      let own = Set(try image.doubles().enumerated().map { ($1 + means[$0 % 3]).rounded() })
      #expect(own.isSubset(of: [0, 100, 255]), "black where it was turned, white where it was framed")
      hasFrame = hasFrame || own.contains(255)
    }
    #expect(hasFrame)
    let middle = try Slim.middle(plain, size: 224)
    #expect(middle.shape == [224, 224, 3])
    // A frame of 15 of 90 rows above, of which 16 of 256 rows are cut off.
    let column = try middle.doubles().enumerated().filter { $0.offset % (224 * 3) == 0 }.map(\.element)
    #expect(column.prefix(26).allSatisfy { $0 == 255 } && column[27] == 100 && column[112] == 100)
    #expect(throws: ResNetError.self) { try Slim.middle(HostTensor([Float(1), 2]), size: 8) }
  }
}

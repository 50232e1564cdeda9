import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import TestSupport
import Testing

@Suite struct SlimTests {
  private func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  private func network(
    size: Int = 224, outputStride: Int? = nil, classCount: Int? = nil
  ) throws -> (graph: Graph, net: Tensor, endPoints: Slim.EndPoints) {
    let graph = Graph()
    let (net, endPoints) = withGraph(graph) {
      Slim.argScope(Slim.resnetArgScope(isTraining: true)) {
        Slim.resnetV150(
          placeholder(.float32, shape: [nil, size, size, 3]), classCount: classCount, outputStride: outputStride)
      }
    }
    try graph.check()
    return (graph, net, endPoints)
  }

  @Test func resNet50IsSlims() throws {
    let (graph, net, endPoints) = try network()
    #expect(count(trainableVariables(in: graph)) == 23_508_032)
    let all: [Variable] = graph.collection(.globalVariables)
    #expect(count(all) - count(trainableVariables(in: graph)) == 53_120)
    #expect(net.shape == [nil, 1, 1, 2048])
    #expect(endPoints["resnet_v1_50/block4"]?.shape == [nil, 7, 7, 2048])
    #expect(endPoints["global_pool"]?.shape == [nil, 1, 1, 2048])
    let names = Set(all.map(\.name))
    for part in ["shortcut", "conv1", "conv2", "conv3"] {
      let scope = "resnet_v1_50/block1/unit_1/bottleneck_v1/\(part)"
      #expect(names.contains(scope + "/weights") && names.contains(scope + "/BatchNorm/moving_variance"))
    }
    #expect(Losses.regularizationLosses(in: graph).count == 53)
    #expect(graph.updateOps().count == 2 * 53)
  }

  @Test func stridesBecomeDilations() throws {
    let (_, net, endPoints) = try network(outputStride: 8, classCount: 10)
    #expect(endPoints["resnet_v1_50/block4"]?.shape == [nil, 28, 28, 2048])
    #expect(net.shape == [nil, 10])
    #expect(endPoints["predictions"] != nil)
    #expect(throws: GraphError.self) { try network(outputStride: 6) }
  }

  @Test func scopesGiveDefaults() throws {
    let graph = Graph()
    let (plain, scoped, explicit) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 8, 8, 3])
      let plain = Slim.conv2D(x, 4, 3, scope: "a")
      let kept = Slim.argScope([.conv2D], { $0.padding = .valid }) {
        Slim.argScope([.conv2D], { $0.normalizes = true }) { Slim.currentArgScope }
      }
      return (
        plain, Slim.argScope(kept) { Slim.conv2D(x, 4, 3, scope: "b") },
        Slim.argScope(kept) { Slim.conv2D(x, 4, 3, padding: .same, scope: "c") }
      )
    }
    #expect(plain.shape == [nil, 8, 8, 4])
    #expect(scoped.shape == [nil, 6, 6, 4])
    #expect(explicit.shape == [nil, 8, 8, 4])
    #expect(graph.variable(named: "a/biases") != nil)
    #expect(graph.variable(named: "b/biases") == nil && graph.variable(named: "b/BatchNorm/beta") != nil)
  }

  @Test func ratesFall() throws {
    func rate(_ decay: Slim.LearningRateDecay, at step: Int) throws -> Double {
      let graph = Graph()
      let rate = withGraph(graph) { Slim.learningRate(decay, step: constant(Int64(step))) }
      return try Session(graph: graph).run(rate).doubles()[0]
    }
    #expect(abs(try rate(.exponential, at: 2500) - 2.5e-5) < 1e-11)
    #expect(abs(try rate(.fixed, at: 2500) - 1e-4) < 1e-10)
    #expect(abs(try rate(.polynomial, at: 2500) - 1e-6) < 1e-11)
  }

  /// Returns a small network with its step of training, and what trains it.
  private func trained(frozen: [String], checkpoint: String? = nil) throws -> (session: Session, trainOp: Tensor) {
    let graph = Graph()
    graph.seed = 3
    let trainOp = try withGraph(graph) {
      let images = constant((0..<2 * 48 * 48 * 3).map { Float($0 % 13) / 13 }, shape: [2, 48, 48, 3])
      let net = Slim.argScope(Slim.resnetArgScope(isTraining: true)) {
        Slim.resnetV1(
          images, blocks: Slim.resnetV1Blocks([1, 1, 1, 1], baseDepth: 4), classCount: 2, scope: "resnet"
        ).net
      }
      _ = Losses.sparseSoftmaxCrossEntropy(labels: constant([Int32(0), 1]), logits: net)
      if let checkpoint { try Slim.initVariablesFromCheckpoint(checkpoint, excluding: ["resnet/logits"]) }
      return try Slim.createTrainOp(
        Losses.totalLoss(), MomentumOptimizer(learningRate: 0.01, momentum: 0.9),
        variablesToTrain: Slim.variables(trainableVariables(in: graph), excluding: frozen), summarizeGradients: true)
    }
    try graph.check()
    let session = Session(graph: graph)
    return (session, trainOp)
  }

  @Test func frozenVariablesKeepTheirBytes() throws {
    let (session, trainOp) = try trained(frozen: ["resnet/conv1", "resnet/block1"])
    try session.run(globalVariablesInitializer(in: session.graph))
    func values() throws -> [String: [Double]] {
      let all: [Variable] = session.graph.collection(.globalVariables)
      return try Dictionary(uniqueKeysWithValues: all.map { ($0.name, try session.run($0.value).doubles()) })
    }
    let before = try values()
    let losses = try (0..<3).map { _ in try session.run(trainOp).doubles()[0] }
    let after = try values()
    #expect(losses.allSatisfy(\.isFinite) && after["global_step"] == [3])
    let moving = "resnet/block1/unit_1/bottleneck_v1/conv1/BatchNorm/moving_mean"
    #expect(before[moving] != after[moving])
    for variable in trainableVariables(in: session.graph) {
      let isFrozen = variable.name.hasPrefix("resnet/conv1") || variable.name.hasPrefix("resnet/block1")
      #expect((before[variable.name] == after[variable.name]) == isFrozen, "\(variable.name)")
    }
  }

  @Test func beginsWithAnotherTraining() throws {
    try withTemporaryDirectory { directory in
      try Logging.withSink({ _, _ in }) {
        let (first, _) = try trained(frozen: [])
        try first.run(globalVariablesInitializer(in: first.graph))
        try Saver().save(first, directory: directory, step: 7)
        let (second, _) = try trained(frozen: [], checkpoint: directory)
        second.graph.seed = 99
        _ = try MonitoredSession(second)
        let name = "resnet/block2/unit_1/bottleneck_v1/conv1/weights"
        #expect(try first.variables.value(of: name)?.doubles() == second.variables.value(of: name)?.doubles())
        #expect(try second.variables.value(of: "global_step")?.doubles() == [0])
        #expect(throws: ResNetError.self) {
          try withGraph(Graph()) {
            _ = getVariable("other", shape: [2])
            try Slim.initVariablesFromCheckpoint(directory)
          }
        }
      }
    }
  }

  @Test func filesAreReadInTurns() throws {
    try withTemporaryDirectory { directory in
      for file in 0..<2 {
        let writer = try TFRecordWriter(path: "\(directory)/part-\(file)")
        for record in 0..<5 { try writer.write([UInt8(10 * file + record)]) }
        try writer.close()
      }
      try Logging.withSink({ _, _ in }) {
        var reading = ReadDataset(readerCount: 2, epochs: 1, blockLength: 2)
        let records = try reading(["\(directory)/part-*"]).collected().map { $0[0] }
        #expect(records == [0, 1, 10, 11, 2, 3, 12, 13, 4, 14])
        reading.readerCount = 1
        #expect(try reading(["\(directory)/part-*"]).collected().map { $0[0] } == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14])
        #expect(throws: ResNetError.self) { try reading(["\(directory)/none-*"]) }
      }
    }
  }

  @Test func itemsAreDecoded() throws {
    let example = Example(features: [
      "image/encoded": .bytes([Array(0..<12)]), "image/format": .bytes([Array("raw".utf8)]),
      "image/class/label": .int64([4]),
    ])
    let decoder = ExampleItems.Decoder([
      "image": ExampleItems.Image(shape: [2, 2, 3]), "label": ExampleItems.Tensor("image/class/label"),
      "none": ExampleItems.Tensor("absent", shape: [1]),
    ])
    #expect(decoder.items == ["image", "label", "none"])
    let items = try decoder.decode(example.serialized())
    #expect(items["image"]?.shape == [2, 2, 3])
    #expect(try items["label"]?.doubles() == [4])
    #expect(try items["none"]?.doubles() == [0])
    #expect(throws: ResNetError.self) { try decoder.decode(example.serialized(), items: ["mask"]) }
  }
}

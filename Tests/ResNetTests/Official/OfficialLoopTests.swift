import EspalierData
import EspalierEstimator
import EspalierExecutor
import EspalierGraph
import EspalierLayers
import EspalierResNet
import TestSupport
import Testing

@Suite struct OfficialLoopTests {
  @Test func ratesFallAtEpochs() throws {
    let cifar = LearningRateWithDecay(
      batchSize: 128, batchDenominator: 128, imageCount: 50_000, boundaryEpochs: [91, 136, 182],
      decayRates: [1, 0.1, 0.01, 0.001])
    #expect(cifar.boundaries == [35_546, 53_125, 71_093])
    #expect(cifar.initialRate == 0.1)
    let small = LearningRateWithDecay(
      batchSize: 32, batchDenominator: 128, imageCount: 50_000, boundaryEpochs: [91], decayRates: [1, 0.1])
    #expect(small.initialRate == 0.025)
    let imagenet = LearningRateWithDecay(
      batchSize: 256, batchDenominator: 256, imageCount: 1_281_167, boundaryEpochs: [30, 60, 80, 90],
      decayRates: [1, 0.1, 0.01, 0.001, 1e-4], baseRate: 0.128, warmUp: true)
    #expect(imagenet.boundaries == [150_136, 300_273, 400_364, 450_410])
    #expect(imagenet.warmUpSteps == 25_022)
    let graph = Graph()
    let (step, rate) = try withGraph(graph) {
      let step = try getOrCreateGlobalStep()
      return (step, imagenet(step))
    }
    let session = Session(graph: graph)
    for (at, want) in [(0, 0.0), (12_511, 0.064), (25_022, 0.128), (150_137, 0.0128)] {
      try session.variables.set(HostTensor(Int64(at)), for: step.name)
      #expect(abs(try session.run(rate).doubles()[0] - want) < 1e-8)
    }
  }

  @Test func epochsBetweenEvaluations() {
    #expect(OfficialResNet.schedule(trainEpochs: 25, epochsBetweenEvals: 10) == [10, 10, 5])
    #expect(OfficialResNet.schedule(trainEpochs: 20, epochsBetweenEvals: 10) == [10, 10])
    #expect(OfficialResNet.schedule(trainEpochs: 0, epochsBetweenEvals: 10) == [0])
    #expect(OfficialResNet.schedule(trainEpochs: 3, epochsBetweenEvals: 1, evalOnly: true) == [0])
  }

  @Test func thresholdsAndBatchesAreChecked() throws {
    #expect(try OfficialResNet.isPast(stopThreshold: nil, 1) == false)
    #expect(try OfficialResNet.isPast(stopThreshold: 0.5, 0.4) == false)
    #expect(try OfficialResNet.isPast(stopThreshold: 0.5, 0.5))
    #expect(throws: ResNetError("Threshold for checking stop conditions must be a number.")) {
      try OfficialResNet.isPast(stopThreshold: .nan, 1)
    }
    #expect(try OfficialResNet.perDeviceBatchSize(30, deviceCount: 1) == 30)
    #expect(try OfficialResNet.perDeviceBatchSize(32, deviceCount: 4) == 8)
    do {
      _ = try OfficialResNet.perDeviceBatchSize(30, deviceCount: 4)
      Issue.record("30 is no multiple of 4")
    } catch { #expect(error.description.contains("try --batch_size=28 instead")) }
  }

  @Test func hooksHaveNames() throws {
    func hooks(_ names: String) throws -> [any SessionRunHook] {
      try TrainHooks.named(names, modelDir: ".", batchSize: 8, logger: BenchmarkLogger())
    }
    #expect(try hooks("loggingtensorhook, ExamplesPerSecondHook,LoggingMetricHook,profilerhook").count == 4)
    #expect(throws: ResNetError("Unrecognized training hook requested: BestHook")) { try hooks("BestHook") }
  }

  @Test func recordsBecomeBatches() throws {
    let records = Dataset.elements((0..<10).map { [UInt8($0)] })
    let batches = try OfficialResNet.processRecordDataset(
      records, isTraining: false, batchSize: 4, shuffleBuffer: 10
    ) { record, isTraining, _ in
      Sample(features: HostTensor(Float(record[0]) + (isTraining ? 0.5 : 0)))
    }.collected()
    #expect(batches.map { $0.features.only?.shape } == [[4], [4], [2]])
    #expect(try batches[2].features.only?.doubles() == [8, 9])
  }

  @Test func noiseIsAlwaysTheSame() throws {
    let batches = try OfficialResNet.synthInputFn(
      height: 32, width: 32, channels: 3, classCount: 10, batchSize: 16, batches: 2
    ).collected()
    #expect(batches.count == 2 && batches[0] == batches[1])
    let pixels = try #require(batches[0].features.only).doubles()
    let mean = pixels.reduce(0, +) / Double(pixels.count)
    let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels.count)
    #expect(abs(mean - 127) < 1 && abs(variance.squareRoot() - 52.8) < 1)
    #expect(try #require(batches[0].labels?.only).doubles().allSatisfy { $0 >= 0 && $0 < 9 })
  }

  @Test func recordsOfCifarAreStandardized() throws {
    let bytes = [UInt8(7)] + (0..<3).flatMap { [UInt8](repeating: UInt8($0), count: 1024) }
    var random = ElementRandom(seed: 1, element: 0)
    let sample = try OfficialCifar10.parse(bytes, isTraining: false, dataType: .float32, using: &random)
    #expect(try sample.labels?.only?.doubles() == [7])
    let first = try #require(sample.features.only).doubles().prefix(3)
    #expect(zip(first, [-1.2247, 0, 1.2247]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func photographsLoseTheirMeans() throws {
    var random = ElementRandom(seed: 1, element: 0)
    let image = try HostTensor([Float](repeating: 100, count: 300 * 400 * 3), shape: [300, 400, 3])
    for isTraining in [false, true] {
      let result = try ImagenetPreprocessing.preprocess(image, size: 224, isTraining: isTraining, using: &random)
      #expect(result.shape == [224, 224, 3])
      let want = ImagenetPreprocessing.channelMeans.map { Double(100 - $0) }
      let values = try result.doubles()
      #expect(values.indices.allSatisfy { abs(values[$0] - want[$0 % 3]) < 1e-4 })
    }
  }

  @Test(arguments: [(300, 400), (333, 260), (256, 256)])
  func graphsSeeOfPhotographsWhatEvaluationDoes(height: Int, width: Int) throws {
    var random = ElementRandom(seed: 1, element: 0)
    let pixels = (0..<height * width * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 1000) }
    let expected = try ImagenetPreprocessing.preprocess(
      try HostTensor(pixels.map(Float.init), shape: [height, width, 3]), size: 224, isTraining: false, using: &random)
    let graph = Graph()
    let (image, seen) = withGraph(graph) {
      let image = placeholder(.uint8, shape: [nil, nil, 3])
      return (image, ImagenetPreprocessing.preprocess(decoded: image, size: 224))
    }
    let found = try Session(graph: graph).run(
      seen, feeding: [image: try HostTensor(pixels, shape: [height, width, 3])])
    #expect(found.shape == [224, 224, 3])
    let worst = try zip(found.doubles(), expected.doubles()).map { Swift.abs($0 - $1) }.max() ?? 1
    #expect(worst < 1e-3, "\(worst)")
  }

  @Test func partsOfPhotographsAreInRange() {
    var random = ElementRandom(seed: 5, element: 0)
    for _ in 0..<200 {
      let part = DistortedBoundingBox().sample(height: 200, width: 300, boxes: [], using: &random)
      #expect(part.top >= 0 && part.left >= 0 && part.top + part.height <= 200 && part.left + part.width <= 300)
      let share = Double(part.height * part.width) / 60_000
      #expect(share > 0.045 && share <= 1)
    }
    let corner = BoundingBox(top: 0, left: 0, bottom: 0.1, right: 0.1)
    let covering = (0..<50).map { _ in
      DistortedBoundingBox(areaRange: 0.2...0.4).sample(height: 100, width: 100, boxes: [corner], using: &random)
    }
    #expect(covering.allSatisfy { $0.top < 10 && $0.left < 10 || $0.height == 100 })
  }

  @Test func trainsEvaluatesAndExports() throws {
    try withTemporaryDirectory { directory in
      var options = OfficialCifar10.defaults
      options.modelDir = directory + "/model"
      options.exportDir = directory + "/export"
      options.useSyntheticData = true
      options.resnetSize = "8"
      options.batchSize = 4
      options.maxTrainSteps = 2
      options.seed = 1
      options.benchmarkLoggerType = "BenchmarkFileLogger"
      options.benchmarkLogDir = directory + "/log"
      let result = try Logging.withSink({ _, _ in }) { try OfficialResNet.run(OfficialCifar10.module, options) }
      let evaluation = try #require(result.evaluation)
      #expect(evaluation.globalStep == 2)
      #expect(Set(evaluation.metrics.keys) == ["accuracy", "accuracy_top_5", "loss"])
      #expect(result.trainHooks.count == 1)
    }
  }

  @Test func lossScalingChangesNothing() throws {
    func losses(scale: Double, dataType: DataType = .float32) throws -> [Double] {
      let graph = Graph()
      graph.seed = 4
      let spec = try withGraph(graph) {
        let images = cast(constant(try FormulaWeights.images([4, 32, 32, 3])) / 128 - 1, to: dataType)
        let model = try Cifar10Model(resnetSize: 8, resnetVersion: 1, dataType: dataType)
        var training = OfficialTraining(model: model, weightDecay: 2e-4) { _ in constant(Float(0.01)) }
        training.lossScale = scale
        let labels = constant([Int32(1), 2, 3, 4])
        return try training.modelFn(features: .single(images), labels: .single(labels), mode: .train)
      }
      let session = Session(graph: graph)
      try session.run(globalVariablesInitializer(in: graph))
      try session.run(localVariablesInitializer(in: graph))
      try FormulaWeights.set(trainableVariables(in: graph), in: session)
      let (loss, step) = (try #require(spec.loss), try #require(spec.trainOp))
      return try (0..<3).map { _ in try session.run([loss], targets: [step])[0].doubles()[0] }
    }
    let plain = try losses(scale: 1)
    #expect(zip(plain, try losses(scale: 128)).allSatisfy { abs($0 - $1) < 1e-5 * $0 })
    #expect(zip(plain, try losses(scale: 128, dataType: .float16)).allSatisfy { abs($0 - $1) < 2e-2 * $0 })
  }

  @Test func fineTuningChangesOnlyTheLastLayer() throws {
    let graph = Graph()
    let spec = try withGraph(graph) {
      let images = constant(try FormulaWeights.images([2, 32, 32, 3]))
      var training = OfficialTraining(model: try Cifar10Model(resnetSize: 8), weightDecay: 2e-4) { _ in
        constant(Float(0.1))
      }
      training.fineTune = true
      return try training.modelFn(
        features: .single(images), labels: .single(constant([Int32(1), 2])), mode: .train)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    try session.run(localVariablesInitializer(in: graph))
    let variables = trainableVariables(in: graph)
    let before = try variables.map { try session.run($0.value).doubles() }
    try session.run(#require(spec.trainOp))
    let after = try variables.map { try session.run($0.value).doubles() }
    let changed = variables.indices.filter { before[$0] != after[$0] }.map { variables[$0].name }
    #expect(changed == ["resnet_model/dense/kernel", "resnet_model/dense/bias"])
  }
}

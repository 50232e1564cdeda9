import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierResNet
import EspalierSavedModel
import Foundation
import TestSupport
import Testing

/// Whole runs of the official loop.
@Suite struct OfficialRunTests {
  private func options(_ directory: String) -> OfficialOptions {
    var options = OfficialCifar10.defaults
    options.modelDir = directory + "/model"
    options.useSyntheticData = true
    options.resnetSize = "8"
    options.batchSize = 4
    options.maxTrainSteps = 2
    options.seed = 1
    return options
  }

  @discardableResult
  private func run(_ options: OfficialOptions) throws -> (result: OfficialResult, log: [String]) {
    let lines = Lock<[String]>([])
    let keep: @Sendable (Logging.Level, String) -> Void = { _, line in lines.withLock { $0.append(line) } }
    let result = try Logging.withSink(keep) { try OfficialResNet.run(OfficialCifar10.module, options) }
    return (result, lines.withLock { $0 })
  }

  @Test func theExportedModelServesAsTheTrainedOnePredicts() throws {
    try withTemporaryDirectory { directory in
      var options = options(directory)
      options.exportDir = directory + "/export"
      try run(options)
      let stamp = try #require(try FileManager.default.contentsOfDirectory(atPath: options.exportDir).first)
      let model = try SavedModel.load("\(options.exportDir)/\(stamp)")
      let images = try FormulaWeights.images([3, 32, 32, 3], maximum: 1)
      let served = try model.predict(["input": images])
      let probabilities = try #require(served["probabilities"]).doubles()
      let classes = try #require(served["classes"]).doubles()
      let predicted = try predictions(of: images, options)
      #expect(probabilities == predicted)
      #expect(classes.count == 3 && probabilities.count == 30)
    }
  }

  /// Returns the probabilities of a graph with the weights of the last checkpoint.
  private func predictions(of images: HostTensor, _ options: OfficialOptions) throws -> [Double] {
    let graph = Graph()
    let (input, spec) = try withGraph(graph) {
      let input = placeholder(.float32, shape: [nil, 32, 32, 3])
      let spec = try OfficialCifar10.modelFunction(
        features: .single(input), labels: nil, mode: .predict, options: options)
      return (input, spec)
    }
    let session = Session(graph: graph)
    let checkpoint: String = try #require(try latestCheckpoint(in: options.modelDir))
    try Saver().restore(session, from: checkpoint)
    let output = try #require(spec.predictions?["probabilities"])
    return try session.run(output, feeding: [input: images]).doubles()
  }

  @Test func measurementsAreLinesOfJSON() throws {
    try withTemporaryDirectory { directory in
      var options = options(directory)
      options.benchmarkLoggerType = "BenchmarkFileLogger"
      options.benchmarkLogDir = directory + "/log"
      try run(options)
      let text = try String(contentsOfFile: directory + "/log/metric.log", encoding: .utf8)
      let metrics = try text.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(Set(metrics.compactMap { $0["name"] as? String }) == ["accuracy", "accuracy_top_5", "loss"])
      for metric in metrics {
        #expect(Set(metric.keys) == ["name", "value", "unit", "global_step", "timestamp", "extras"])
        #expect(metric["global_step"] as? Int == 2 && metric["value"] is NSNumber)
      }
      let about = try Data(contentsOf: URL(fileURLWithPath: directory + "/log/benchmark_run.log"))
      let info = try #require(try JSONSerialization.jsonObject(with: about) as? [String: Any])
      #expect(info["model_name"] as? String == "resnet")
      #expect((info["dataset"] as? [String: String])?["name"] == "CIFAR-10-synthetic")
      let parameters = try #require(info["run_parameters"] as? [[String: String]])
      #expect(parameters.contains(["name": "batch_size", "value": "4"]))
    }
  }

  @Test func trainingBeginsWithAnotherOneButForTheLastLayer() throws {
    try withTemporaryDirectory { directory in
      let first = options(directory)
      try run(first)
      var second = options(directory)
      second.modelDir = directory + "/second"
      second.pretrainedModelCheckpointPath = first.modelDir
      second.seed = 2
      second.maxTrainSteps = 1
      second.fineTune = true
      try run(second)
      let before = try CheckpointReader(prefix: try #require(try latestCheckpoint(in: first.modelDir)))
      let after = try CheckpointReader(prefix: try #require(try latestCheckpoint(in: second.modelDir)))
      let names = before.variables.map(\.name).filter { $0.hasSuffix("kernel") }
      #expect(names.count == 11)
      for name in names {
        let same = try before.tensor(named: name) == after.tensor(named: name)
        #expect(same == !name.contains("dense"), "\(name)")
      }
    }
  }

  @Test func bothWaysOfTrainingLeaveTheSameFiles() throws {
    try withTemporaryDirectory { directory in
      func files(_ name: String, together: Bool) throws -> Set<String> {
        var options = options(directory)
        options.modelDir = "\(directory)/\(name)"
        options.useTrainAndEvaluate = together
        let result = try run(options).result
        #expect(result.evaluation?.globalStep == 2)
        // The names of event files, and of the curves beside them, say when they were made.
        let names = try FileManager.default.subpathsOfDirectory(atPath: options.modelDir)
        return Set(names.map { $0.replacing(#/(events|curves)\..*/#) { $0.output.1 } })
      }
      let loop = try files("loop", together: false)
      #expect(loop.isSuperset(of: ["checkpoint", "model.ckpt-2.index", "events", "eval/events", "eval/curves"]))
      #expect(try files("together", together: true).subtracting(["report.html"]) == loop.subtracting(["report.html"]))
    }
  }

  @Test func trainingStopsAtTheThreshold() throws {
    try withTemporaryDirectory { directory in
      var options = options(directory)
      options.trainEpochs = 2
      options.epochsBetweenEvals = 1
      options.stopThreshold = 0
      let (_, log) = try run(options)
      #expect(log.contains { $0.hasPrefix("Stop threshold of 0.0 was passed with metric value ") })
      #expect(log.filter { $0.hasPrefix("Starting cycle: ") } == ["Starting cycle: 0/2"])
    }
  }

  @Test func specificationsHoldWhatTheirModeNeeds() throws {
    func spec(_ mode: ModeKeys) throws -> (spec: EstimatorSpec, graph: Graph) {
      let graph = Graph()
      let spec = try withGraph(graph) {
        let images = placeholder(.float32, shape: [4, 32, 32, 3])
        return try OfficialCifar10.modelFunction(
          features: .single(images), labels: mode == .predict ? nil : .single(placeholder(.int32, shape: [4])),
          mode: mode, options: options(""))
      }
      return (spec, graph)
    }
    let (train, trainGraph) = try spec(.train)
    #expect(train.loss != nil && train.trainOp != nil)
    let (evaluate, evaluateGraph) = try spec(.evaluate)
    #expect(evaluate.loss != nil && evaluate.trainOp == nil)
    #expect(Set(evaluate.evalMetricOps.keys) == ["accuracy", "accuracy_top_5"])
    for graph in [trainGraph, evaluateGraph] {
      for name in ["cross_entropy", "l2_loss", "train_accuracy", "train_accuracy_top_5", "softmax_tensor"] {
        #expect(graph.node(named: name) != nil, "\(name)")
      }
    }
    #expect(trainGraph.node(named: "learning_rate") != nil && evaluateGraph.node(named: "learning_rate") == nil)
    let (predict, _) = try spec(.predict)
    #expect(predict.loss == nil && predict.trainOp == nil && predict.evalMetricOps.isEmpty)
    #expect(predict.predictions?["classes"]?.dataType == .int64)
    #expect(predict.predictions?["probabilities"]?.shape == [4, 10])
    #expect(Array(predict.exportOutputs.keys) == ["predict"])
  }

  @Test func theFeaturesMustBeOfTheModelsType() throws {
    let graph = Graph()
    #expect(throws: ResNetError("the features are of type float64, the model of float32")) {
      try withGraph(graph) {
        try OfficialCifar10.modelFunction(
          features: .single(placeholder(.float64, shape: [4, 32, 32, 3])), labels: nil, mode: .predict,
          options: options(""))
      }
    }
    var bytes = options("")
    bytes.imageBytesAsServingInput = true
    #expect(throws: ResNetError("image_bytes_as_serving_input cannot be used with CIFAR-10")) {
      try withGraph(graph) {
        try OfficialCifar10.modelFunction(
          features: .single(placeholder(.float32, shape: [4, 32, 32, 3])), labels: nil, mode: .predict, options: bytes)
      }
    }
  }

  @Test func imagenetIsIn1024FilesAnd128() {
    let train = OfficialImagenet.files(isTraining: true, in: "d")
    #expect(train.count == 1024 && train.first == "d/train-00000-of-01024" && train.last == "d/train-01023-of-01024")
    let validation = OfficialImagenet.files(isTraining: false, in: "d")
    #expect(validation.count == 128 && validation[7] == "d/validation-00007-of-00128")
  }

  @Test func onlyEvaluatingTrainsNothing() throws {
    try withTemporaryDirectory { directory in
      var options = options(directory)
      try run(options)
      options.evalOnly = true
      options.maxTrainSteps = 3
      #expect(try run(options).result.evaluation?.globalStep == 2)
    }
  }
}

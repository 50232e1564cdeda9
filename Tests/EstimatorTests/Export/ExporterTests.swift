import Espalier
import TestSupport
import Testing

@Suite struct ExporterTests {
  private let input: InputFn = { try LinearModel.samples(passes: 1) }
  private let raw = ServingInput.tensor(.float32, shape: [nil, 3], key: "x")

  private func trained(_ directory: String, steps: Int = 4) throws -> Estimator<LinearModel.Params> {
    let estimator = try LinearModel.estimator(
      directory, config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 2))
    return try estimator.train(inputFn: { try LinearModel.samples() }, steps: steps)
  }

  @Test func exportedModelsPredictWhatTheEstimatorDoes() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let estimator = try trained(directory)
        let path = try estimator.exportSavedModel(to: directory + "/export", servingInput: raw)
        #expect(FilePath.name(of: path).count == 10)
        let model = try SavedModel.load(path)
        #expect(model.signatures["serving_default"]?.inputs.keys.sorted() == ["x"])
        let x = try HostTensor((0..<6).map { Float($0) / 6 }, shape: [2, 3])
        let served = try model.predict(["x": x])
        let own = try estimator.predict(
          inputFn: { .elements([Sample(features: x)]) }, yieldSingleExamples: false
        ).collected()
        #expect(served == own[0])
      }
      let exported = log.lines.drop { !$0.hasPrefix("Signatures") }
      #expect(
        exported.prefix(8).map { $0.replacing(/to: .*/, with: "to: P") } == [
          "Signatures INCLUDED in export for Classify: None", "Signatures INCLUDED in export for Regress: None",
          "Signatures INCLUDED in export for Predict: ['serving_default']",
          "Signatures INCLUDED in export for Train: None", "Signatures INCLUDED in export for Eval: None",
          "Restoring parameters from \(directory)/model.ckpt-4", "Assets added to graph.", "No assets to write.",
        ])
    }
  }

  @Test func examplesAreParsedByTheModel() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let columns: [FeatureColumn] = [.numeric("x", shape: [2]), .oneHot("k", buckets: 3)]
        let regressor = try LinearRegressor(featureColumns: columns, modelDir: directory)
        let features: Structure<HostTensor> = [
          "x": try HostTensor([Float(1), 2, 3, 4], shape: [2, 2]), "k": try HostTensor([Int64(0), 2], shape: [2, 1]),
        ]
        let batch = Sample(features: features, labels: .single(HostTensor([Float(1), 2])))
        try regressor.train(inputFn: { .elements([batch, batch]) })
        let serving = ServingInput.parsing([
          "x": .fixedLength(shape: [2], .float32),
          "k": .fixedLength(shape: [1], .int64, defaultValue: HostTensor([Int64(2)])),
        ])
        _ = try regressor.exportSavedModel(to: directory + "/export", servingInput: serving)
        // The second example leaves out what has a default.
        let examples = [
          Example(features: ["x": .float([1, 2]), "k": .int64([0])]), Example(features: ["x": .float([3, 4])]),
        ]
        let serialized = try HostTensor(strings: examples.map { $0.serialized() }, shape: [2])
        let graph = Graph()
        let receiver = try withGraph(graph) { try serving() }
        let session = Session(graph: graph)
        let entrance = try #require(receiver.receiverTensors["examples"])
        for key in ["x", "k"] {
          let parsed = try session.run(try #require(receiver.features[key]), feeding: [entrance: serialized])
          #expect(parsed == features[key])
        }
        let broken = try HostTensor(strings: [[1, 2]], shape: [1])
        let x = try #require(receiver.features["x"])
        #expect(errorText { _ = try session.run(x, feeding: [entrance: broken]) } != nil)
      }
    }
  }

  @Test func modelsAreWrittenAsText() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let estimator = try trained(directory)
        let path = try estimator.exportSavedModel(to: directory + "/export", servingInput: raw, asText: true)
        #expect(try LocalFileSystem().names(inDirectory: path) == ["saved_model.pbtxt", "variables"])
        let x = try HostTensor((0..<6).map { Float($0) / 6 }, shape: [2, 3])
        let binary = try estimator.exportSavedModel(to: directory + "/binary", servingInput: raw)
        #expect(try SavedModel.load(path).predict(["x": x]) == SavedModel.load(binary).predict(["x": x]))
      }
      #expect(log.lines.contains { $0.hasPrefix("SavedModel written to: ") && $0.hasSuffix("/saved_model.pbtxt") })
    }
  }

  /// Sums up the pixels of images.
  private func pixelSums(_ directory: String) throws -> Estimator<Void> {
    try Estimator(
      modelFn: { features, labels, mode in
        let weight = getVariable("weight", shape: [], initializer: Initializers.ones)
        let sums = reduceSum(try #require(features.only), axes: [1, 2, 3]) * weight.tensor
        guard let labels = labels?.only, mode != .predict else {
          return try EstimatorSpec(mode: mode, predictions: ["sums": sums])
        }
        let loss = reduceMean(square(sums - labels))
        let step = try getOrCreateGlobalStep()
        return try EstimatorSpec(
          mode: mode, predictions: ["sums": sums], loss: loss,
          trainOp: try GradientDescentOptimizer(learningRate: 0.0).minimize(loss, globalStep: step))
      }, modelDir: directory)
  }

  @Test func filesOfImagesAreServed() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try pixelSums(directory)
        let images = try HostTensor([Float](repeating: 1, count: 12), shape: [1, 2, 2, 3])
        try estimator.train(inputFn: { .elements([Sample(features: images, labels: HostTensor([Float(0)]))]) })
        let path = try estimator.exportSavedModel(
          to: directory + "/export", servingInput: ServingInput.imageBytes(shape: [2, 2, 3]))
        let model = try SavedModel.load(path)
        #expect(model.signatures["serving_default"]?.inputs.keys.sorted() == ["image_bytes"])
        // Bitmaps are read without libraries; the second one is resized.
        let files = [bitmap(width: 2, height: 2, value: 7), bitmap(width: 4, height: 6, value: 200)]
        let served = try model.predict(["image_bytes": try HostTensor(strings: files, shape: [2])])
        #expect(try served["sums"]?.doubles() == [84, 2400])
        let none = try model.predict(["image_bytes": try HostTensor(strings: [], shape: [0])])
        #expect(none["sums"]?.shape == [0])
        let broken = try HostTensor(strings: [files[0], [1, 2, 3]], shape: [2])
        #expect(errorText { _ = try model.predict(["image_bytes": broken]) }?.contains("neither JPEG") == true)
        #expect(
          errorText {
            _ = try estimator.exportSavedModel(
              to: directory + "/none", servingInput: ServingInput.imageBytes(shape: [2, 2]))
          } == "the shape of images must be rows, columns and 1, 3 or 4 channels, not [2, 2]")
      }
    }
  }

  /// Returns an image file of one colour.
  private func bitmap(width: UInt8, height: UInt8, value: UInt8) -> [UInt8] {
    let row = [UInt8](repeating: value, count: Int(width) * 3)
    let padded = row + [UInt8](repeating: 0, count: (4 - row.count % 4) % 4)
    var file: [UInt8] = [0x42, 0x4D, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]
    file += [width, 0, 0, 0, height, 0, 0, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
    for _ in 0..<height { file += padded }
    return file
  }

  @Test(arguments: [5, 4]) func theLastEpochEndsWithAnExport(_ interval: Int) throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        // Two passes of five batches: a save falls on the last step, or comes after it.
        let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: interval)
        let result = try trainAndEvaluate(
          try LinearModel.estimator(directory, config: config), try TrainSpec(inputFn: input, maxEpochs: 2),
          [try EvalSpec(inputFn: input, exporters: [FinalExporter("last", servingInput: raw)], throttleSecs: 0)])
        #expect(result.exports.count == 1 && result.evaluations[""]?.globalStep == 10)
        #expect(try LocalFileSystem().names(inDirectory: directory + "/export/last").count == 1)
      }
    }
  }

  @Test func whatCannotBeServedIsLeftOut() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let regressor = try LinearRegressor(featureColumns: [.numeric("x")], modelDir: directory)
        let batch = Sample(
          features: ["x": try HostTensor([Float(1), 2], shape: [2, 1])], labels: .single(HostTensor([Float(1), 2])))
        try regressor.train(inputFn: { .elements([batch]) })
        let path = try regressor.exportSavedModel(
          to: directory + "/export", servingInput: ServingInput.raw(["x": (.float32, [nil, 1])]))
        #expect(try SavedModel.load(path).signatures.keys.sorted() == ["predict"])
      }
      #expect(log.lines.contains("Export includes no default signature!"))
      #expect(
        log.lines.contains {
          $0.hasPrefix("'regression' : Regression input must be a single string Tensor; got {x: x:0 : float32[?,1]}")
        })
    }
  }

  @Test func exportersFollowEvaluations() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 2)
        let final = FinalExporter("servo", servingInput: raw)
        let best = try BestCheckpoints(by: "error", .smallest, keeping: 2)
        let result = try trainAndEvaluate(
          try LinearModel.estimator(directory, config: config),
          try TrainSpec(inputFn: { try LinearModel.samples() }, maxSteps: 6),
          [try EvalSpec(inputFn: input, steps: nil, exporters: [final, best], throttleSecs: 0)])
        #expect(try LocalFileSystem().names(inDirectory: directory + "/export/servo").count == 1, "only at the end")
        #expect(result.exports.count == 2)
      }
      #expect(log.lines.count { $0 == "Performing the final export in the end of training." } == 1)
    }
  }

  @Test func theBestCheckpointsStay() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(
          directory, config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 1, keepCheckpointMax: 0))
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 5)
        let path = directory + "/export/best"
        /// Reports an evaluation to a keeper of its own, as if the process had ended in between.
        func report(_ step: Int, _ value: Double) throws -> String? {
          let result = EvaluationResult(metrics: ["accuracy": HostTensor(value)], globalStep: step)
          return try BestCheckpoints(by: "accuracy", .greatest, keeping: 2).export(
            estimator, exportPath: path, checkpointPath: "\(directory)/model.ckpt-\(step)", evalResult: result,
            isTheFinalExport: false)
        }
        #expect(try report(1, 0.5) == path + "/model.ckpt-1")
        #expect(try report(2, 0.9) == path + "/model.ckpt-2")
        #expect(try report(3, 0.4) == nil)
        #expect(try report(4, 0.7) == path + "/model.ckpt-4")
        #expect(try report(5, .nan) == nil)
        let names = try LocalFileSystem().names(inDirectory: path).filter { $0.hasSuffix(".index") }
        #expect(names == ["model.ckpt-2.index", "model.ckpt-4.index"])
        #expect(try latestCheckpoint(in: path) == path + "/model.ckpt-2", "readers find the best")
        // It is whole, and lives on when the run's own one goes.
        let weights = try CheckpointReader(prefix: "\(directory)/model.ckpt-2").tensor(named: "weights")
        for suffix in [".index", ".data-00000-of-00001"] {
          try LocalFileSystem().remove("\(directory)/model.ckpt-2\(suffix)")
        }
        #expect(try CheckpointReader(prefix: path + "/model.ckpt-2").tensor(named: "weights") == weights)
      }
    }
  }

  @Test func theBestIsRememberedAcrossRestarts() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try trained(directory)
        let checkpoint = directory + "/model.ckpt-4"
        let path = directory + "/export/best_exporter"
        func report(_ exporter: BestExporter, _ step: Int, _ loss: Double) throws -> Bool {
          let result = EvaluationResult(metrics: ["loss": HostTensor(loss)], globalStep: step)
          let writer = try EventFileWriter(directory: estimator.evalDir())
          try writer.add(.summary(Summary([.scalar("loss", Float(loss))])), step: step)
          try writer.close()
          return try exporter.export(
            estimator, exportPath: path, checkpointPath: checkpoint, evalResult: result, isTheFinalExport: false) != nil
        }
        try LocalFileSystem().createDirectory(estimator.evalDir())
        let first = try BestExporter(servingInput: raw)
        #expect(try report(first, 1, 0.5))
        #expect(try !report(first, 2, 0.6))
        // The process ends; the next one knows that 0.5 was better, though it has exported nothing itself.
        let second = try BestExporter(servingInput: raw)
        #expect(try !report(second, 3, 0.55))
        #expect(try report(second, 4, 0.4))
        #expect(
          errorText { _ = try BestExporter(servingInput: raw, exportsToKeep: 0) }
            == "`exports_to_keep`, if provided, must be a positive number. Got 0")
        #expect(
          errorText { _ = try LatestExporter("x", servingInput: raw, exportsToKeep: 0) }
            == "`exports_to_keep`, if provided, must be positive number")
      }
    }
  }

  @Test func exportersHaveNamesOfTheirOwn() {
    let twice = [FinalExporter("a", servingInput: raw), FinalExporter("a", servingInput: raw)]
    #expect(
      errorText { _ = try EvalSpec(inputFn: input, exporters: twice) }
        == "`exporters` must have unique names. Such a name cannot be `None`. All exporter names: ['a', 'a']")
    #expect(
      errorText { _ = try EvalSpec(inputFn: input, exporters: [FinalExporter("", servingInput: raw)]) }
        == "An Exporter cannot have a name that is `None` or empty. All exporter names: ['']")
  }
}

import Espalier
import TestSupport
import Testing

/// Graphs for training and evaluation in exported models.
@Suite struct ExportModeTests {
  private let batch = try? LinearModel.samples(passes: 1).collected().first
  private let raw = ServingInput.tensor(.float32, shape: [nil, 3], key: "x")

  private func supervised() throws -> ServingInputFn {
    try ServingInput.supervised(
      features: .single(TensorType(.float32, [nil, 3])), labels: .single(TensorType(.float32, [nil])))
  }

  private func trained(_ directory: String) throws -> Estimator<LinearModel.Params> {
    let estimator = try LinearModel.estimator(directory)
    return try estimator.train(inputFn: { try LinearModel.samples() }, steps: 3)
  }

  @Test func eachModeHasAGraphOfItsOwn() throws {
    try withTemporaryDirectory { directory in
      let batch = try #require(batch)
      let labels = try #require(batch.labels?.only)
      let log = LogLines()
      var path = ""
      let estimator = try LogLines.hidden { try trained(directory) }
      try log.during {
        path = try estimator.exportAllSavedModels(
          to: directory + "/export", inputs: [.train: try supervised(), .evaluate: try supervised(), .predict: raw])
      }
      try LogLines.hidden {
        let feeds = ["input": try #require(batch.features.only), "label": labels]
        let keys = [
          "loss", "metrics/error/update_op", "metrics/error/value", "predictions/doubled", "predictions/sums",
        ]
        let evaluation = try SavedModel.load(path, tags: ["eval"])
        let first = try evaluation.predict(feeds, signature: "eval")
        #expect(first.keys.sorted() == keys)
        let result = try estimator.evaluate(inputFn: { .elements([batch]) })
        #expect(try first["loss"]?.doubles() == [result["loss"] ?? .nan])
        #expect(try first["metrics/error/update_op"]?.doubles() == [result["error"] ?? .nan])
        #expect(evaluation.trainOp == nil)

        let training = try SavedModel.load(path, tags: ["train"])
        #expect(training.signatures["train"]?.method == .train)
        #expect(training.signatures["train"]?.outputs.keys.sorted() == keys)
        let inputs = try #require(training.signatures["train"]).inputs
        let feeding = Dictionary(uniqueKeysWithValues: try feeds.map { (try #require(inputs[$0]), $1) })
        try training.session.run(try #require(training.trainOp), feeding: feeding)
        #expect(training.session.globalStep == 4)
        // The same step by the estimator, with the same slots.
        try estimator.train(inputFn: { .elements([batch]).repeated() }, steps: 1)
        #expect(training.session.variables.value(of: "weights") == (try estimator.variableValue("weights")))
        #expect(try SavedModel.load(path).signatures.keys.sorted() == ["serving_default"])
      }
      let signatures = log.lines.filter { $0.hasPrefix("Signatures INCLUDED") && !$0.hasSuffix("None") }
      #expect(
        signatures == [
          "Signatures INCLUDED in export for Train: ['train']", "Signatures INCLUDED in export for Eval: ['eval']",
          "Signatures INCLUDED in export for Predict: ['serving_default']",
        ])
      #expect(log.lines.filter { $0 == "Export includes no default signature!" }.count == 2)
    }
  }

  @Test func oneModeCanBeExportedAlone() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try trained(directory)
        let like = try ServingInput.supervised(like: { try LinearModel.samples(passes: 1) })
        let path = try estimator.exportSavedModel(to: directory + "/export", servingInput: like, mode: .evaluate)
        let model = try SavedModel.load(path, tags: ["eval"])
        #expect(model.signatures["eval"]?.inputs.mapValues(\.shape) == ["input": [nil, 3], "label": [nil]])
        #expect(errorText { _ = try SavedModel.load(path) }?.contains("could not be found") == true)
      }
    }
  }

  @Test func mistakesAreSaid() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try trained(directory)
        #expect(
          errorText { _ = try estimator.exportAllSavedModels(to: directory + "/export", inputs: [:]) }
            == "No valid modes for exporting found. Got [].")
        let float = TensorType(.float32, [nil])
        #expect(
          errorText {
            _ = try ServingInput.supervised(features: ["a": float, "b": float], labels: ["b": float])
          } == "Features and labels must have distinct keys. Found overlapping keys: {'b'}")
        #expect(
          errorText {
            _ = try ServingInput.supervised(like: { .elements([Sample(features: HostTensor([Float(1)]))]) })
          } == "An input for training or evaluation must have batches with labels.")
      }
    }
  }

  @Test func warmStartedModelsNeedNoTrainingToBeExported() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let source = try trained(directory + "/source")
        let config = try RunConfig(tfRandomSeed: 1)
        let warm = try Estimator(
          modelFn: LinearModel.modelFn, modelDir: directory + "/warm", config: config, params: LinearModel.Params(),
          warmStartFrom: WarmStartSettings(ckptToInitializeFrom: directory + "/source"))
        let path = try warm.exportSavedModel(to: directory + "/export", servingInput: raw)
        let weights = try SavedModel.load(path).session.variables.value(of: "weights")
        #expect(weights == (try source.variableValue("weights")))
        let cold = try LinearModel.estimator(directory + "/cold")
        #expect(
          errorText { _ = try cold.exportSavedModel(to: directory + "/export", servingInput: raw) }
            == "Couldn't find trained model at \(directory)/cold.")
      }
    }
  }

  @Test func theBestCanBeSoughtInOtherEventFiles() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try trained(directory)
        let path = directory + "/export/best_exporter"
        func exports(_ exporter: BestExporter, _ step: Int, _ loss: Double) throws -> Bool {
          try exporter.export(
            estimator, exportPath: path, checkpointPath: directory + "/model.ckpt-3",
            evalResult: EvaluationResult(metrics: ["loss": HostTensor(loss)], globalStep: step),
            isTheFinalExport: false) != nil
        }
        for (name, loss) in [("eval", Float(0.2)), ("eval_small", 0.5)] {
          let writer = try EventFileWriter(directory: directory + "/" + name)
          try writer.add(.summary(Summary([.scalar("loss", loss)])), step: 1)
          try writer.close()
        }
        #expect(try exports(BestExporter(servingInput: raw), 1, 0.5))
        let small = try BestExporter(servingInput: raw, eventFilePattern: "eval_small/*.tfevents.*")
        #expect(try exports(small, 2, 0.4))
        #expect(try !exports(BestExporter(servingInput: raw), 3, 0.3))
        #expect(try exports(BestExporter(servingInput: raw, eventFilePattern: nil), 4, 0.9))
      }
    }
  }
}

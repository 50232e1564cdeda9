import Espalier
import TestSupport
import Testing

/// Compares what is logged and thrown with what TensorFlow printed for the same calls.
@Suite struct TensorFlowTextTests {
  private let endless: InputFn = { try LinearModel.samples() }
  private let once: InputFn = { try LinearModel.samples(passes: 1) }

  private func estimator(
    _ directory: String, saveCheckpointsSteps steps: Int? = nil
  ) throws -> Estimator<LinearModel.Params> {
    try LinearModel.estimator(
      directory, config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: steps, logStepCountSteps: 5))
  }

  /// Returns a line without what differs from run to run: numbers of the model, times, the directory.
  private func plain(_ line: String, _ directory: String) -> String {
    line.replacing(directory, with: "DIR")
      .replacing(/\([0-9.]+ sec\)/, with: "(T sec)").replacing(/sec: .*/, with: "sec: V")
      .replacing(/(loss =|step:|error =) [0-9.e-]+[0-9]/) { "\($0.output.1) V" }
      .replacing(/at \d{4}-\d\d-\d\d[T-]\d\d:\d\d:\d\d/, with: "at TIME").replacing(
        /Time : \d+\.\d{5}s/, with: "Time : Ts")
  }

  /// Compares the log of `body` with a section of TensorFlow's. Graphs that are kept are not built again.
  private func compare(_ section: String, _ directory: String, builds: Bool = true, _ body: () throws -> Void) rethrows
  {
    func isCompared(_ line: String) -> Bool { builds || !line.hasSuffix("alling model_fn.") }
    let expected = TensorFlowTexts.lines(section).filter(isCompared).map { plain($0, directory) }
    let lines = try LogLines.of(body).filter { isCompared($0) && !$0.hasPrefix("Using config") }
    #expect(lines.map { plain($0, directory) } == expected, "\(section)")
    #expect(!expected.isEmpty)
  }

  @Test func logsAreTensorFlows() throws {
    try withTemporaryDirectory { directory in
      let a = directory + "/a"
      try compare("train to step 7", directory) {
        try estimator(a, saveCheckpointsSteps: 3).train(inputFn: endless, maxSteps: 7)
      }
      try compare("train again to step 7", directory) {
        try estimator(a, saveCheckpointsSteps: 3).train(inputFn: endless, maxSteps: 7)
      }
      try compare("train to step 8", directory) {
        try estimator(a, saveCheckpointsSteps: 3).train(inputFn: endless, maxSteps: 8)
      }
      try compare("evaluate 2 batches", directory) {
        _ = try estimator(a).evaluate(inputFn: endless, steps: 2, name: "two")
      }
      try compare("evaluate all", directory) { _ = try estimator(a).evaluate(inputFn: once) }
      try compare("evaluate untrained", directory) {
        _ = try estimator(directory + "/none").evaluate(inputFn: once, steps: 1)
      }
      try compare("predict", directory) { _ = try estimator(a).predict(inputFn: once).collected() }
      try compare("train and evaluate", directory, builds: false) {
        try trainAndEvaluate(
          try estimator(directory + "/b", saveCheckpointsSteps: 3), try TrainSpec(inputFn: endless, maxSteps: 7),
          try EvalSpec(inputFn: once, steps: nil, throttleSecs: 3600))
      }
    }
  }

  @Test func errorsAreTensorFlows() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let a = try estimator(directory + "/none")
        let serving = ServingInput.tensor(.float32, shape: [nil, 3])
        let attempts: [String: () throws -> Void] = [
          "both steps and max_steps": { try a.train(inputFn: self.endless, steps: 1, maxSteps: 2) },
          "steps 0": { try a.train(inputFn: self.endless, steps: 0) },
          "max_steps 0": { try a.train(inputFn: self.endless, maxSteps: 0) },
          "eval steps 0": { _ = try a.evaluate(inputFn: self.endless, steps: 0) },
          "both save intervals": { _ = try RunConfig(saveCheckpointsSteps: 1, saveCheckpointsSecs: 1) },
          "train_op missing": {
            try withGraph(Graph()) { _ = try EstimatorSpec(mode: .train, loss: constant(Float(1))) }
          },
          "loss missing": { _ = try EstimatorSpec(mode: .evaluate) },
          "predictions missing": { _ = try EstimatorSpec(mode: .predict) },
          "throttle": { _ = try EvalSpec(inputFn: self.once, throttleSecs: -1) },
          "start delay": { _ = try EvalSpec(inputFn: self.once, startDelaySecs: -1) },
          "eval spec steps": { _ = try EvalSpec(inputFn: self.once, steps: 0) },
          "train spec steps": { _ = try TrainSpec(inputFn: self.once, maxSteps: 0) },
          "two directories": {
            _ = try Estimator(
              modelFn: LinearModel.modelFn, modelDir: "a", config: try RunConfig(modelDir: "b"), params: .init())
          },
          "names untrained": { _ = try a.variableNames() },
          "stop hook": { _ = try StopAtStepHook() },
          "step counter hook": { _ = try StepCounterHook(everyNSteps: 1, everyNSecs: 1) },
          "summary saver hook": { _ = try SummarySaverHook(saveSteps: 1, outputDir: directory) },
          "logging hook": { _ = try LoggingTensorHook(["a": "b"], everyNIter: 0) },
          "logging hook interval": { _ = try LoggingTensorHook(["a": "b"]) },
          "timer none": { _ = try SecondOrStepTimer() },
          "timer both": { _ = try SecondOrStepTimer(everySecs: 1, everySteps: 1) },
          "saver hook": {
            _ = try CheckpointSaverHook(checkpointDir: directory, saveSteps: 1, saver: Saver(), scaffold: Scaffold())
          },
          "n_classes 1": { _ = try LinearClassifier(featureColumns: [], nClasses: 1) },
          "axis 2": { _ = try VocabInfo(newVocab: "a", newVocabSize: 1, oldVocab: "b", axis: 2) },
          "in memory": { _ = try InMemoryEvaluatorHook(a, inputFn: self.once, everyNIter: 0) },
          "latest exporter": { _ = try LatestExporter("x", servingInput: serving, exportsToKeep: 0) },
          "best exporter": { _ = try BestExporter("x", servingInput: serving, exportsToKeep: 0) },
          "exporter names": {
            let exporter = FinalExporter("a", servingInput: serving)
            _ = try EvalSpec(inputFn: self.once, exporters: [exporter, exporter])
          },
          "export untrained": { _ = try a.exportSavedModel(to: directory + "/e", servingInput: serving) },
          "save_summary_steps": { _ = try RunConfig(saveSummarySteps: -1) },
          "keep_checkpoint_max": { _ = try RunConfig(keepCheckpointMax: -1) },
          "keep_checkpoint_every_n_hours": { _ = try RunConfig(keepCheckpointEveryNHours: -1) },
          "log_step_count_steps": { _ = try RunConfig(logStepCountSteps: -1) },
          "save_checkpoints_secs": { _ = try RunConfig(saveCheckpointsSecs: -1) },
        ]
        #expect(attempts.keys.sorted() == TensorFlowTexts.errors.keys.sorted())
        for (name, attempt) in attempts {
          let text = errorText(attempt)?.replacing(directory, with: "DIR")
          #expect(text == TensorFlowTexts.errors[name], "\(name)")
        }
      }
    }
  }
}

import Espalier
import TestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite struct TrainTests {
  @Test(arguments: [true, false]) func devicesOfVariablesAreLoggedOnRequest(isRequested: Bool) throws {
    try withTemporaryDirectory { directory in
      let lines = try LogLines.of {
        let config = try RunConfig(modelDir: directory, logDevicePlacement: isRequested)
        let estimator = try Estimator(
          modelFn: { features, labels, mode in
            try withDevice(ReplicaDeviceSetter(psTasks: 1)) {
              try LinearModel.modelFn(features: features, labels: labels, mode: mode, params: LinearModel.Params())
            }
          }, config: config)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 1)
      }.filter { $0.contains("/job:ps") }
      #expect(lines == (isRequested ? ["weights: /job:ps/task:0"] : []))
    }
  }

  @Test func stepsAreMoreAndMaxStepsAreAll() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        let input: InputFn = { try LinearModel.samples() }
        try estimator.train(inputFn: input, steps: 3)
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(3)))
        try estimator.train(inputFn: input, steps: 3)
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(6)))
        try estimator.train(inputFn: input, maxSteps: 8)
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(8)))
        #expect(try estimator.latestCheckpoint() == directory + "/model.ckpt-8")
      }
    }
  }

  @Test func numbersOfStepsAreChecked() throws {
    try withTemporaryDirectory { directory in
      let estimator = try LogLines.hidden { try LinearModel.estimator(directory) }
      let input: InputFn = { try LinearModel.samples() }
      #expect(
        errorText { try estimator.train(inputFn: input, steps: 1, maxSteps: 2) }
          == "Can not provide both steps and max_steps.")
      #expect(errorText { try estimator.train(inputFn: input, steps: 0) } == "Must specify steps > 0, given: 0")
      #expect(errorText { try estimator.train(inputFn: input, maxSteps: 0) } == "Must specify max_steps > 0, given: 0")
      #expect(errorText { _ = try estimator.evaluate(inputFn: input, steps: 0) } == "Must specify steps > 0, given: 0")
      #expect(
        errorText { _ = try estimator.variableNames() } == "Could not find trained model in model_dir: \(directory).")
    }
  }

  @Test func logLinesAreTensorFlows() throws {
    try withTemporaryDirectory { directory in
      let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 6, logStepCountSteps: 5)
      let lines = try LogLines.of {
        let estimator = try LinearModel.estimator(directory, config: config)
        try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 7)
      }
      func plain(_ line: String) -> String {
        // Times and speeds are the machine's, losses belong to other tests.
        line.replacing(/\([0-9.]+ sec\)/, with: "(T sec)").replacing(/sec: .*/, with: "sec: V")
          .replacing(/(loss =|step:) [0-9.e-]+[0-9]/) { "\($0.output.1) L" }
      }
      #expect(
        lines.dropFirst().map(plain) == [
          "Calling model_fn.", "Done calling model_fn.", "Create CheckpointSaverHook.", "Graph was finalized.",
          "Running local_init_op.", "Done running local_init_op.",
          "Calling checkpoint listeners before saving checkpoint 0...",
          "Saving checkpoints for 0 into \(directory)/model.ckpt.",
          "Calling checkpoint listeners after saving checkpoint 0...",
          "loss = L, step = 0",
          "Calling checkpoint listeners before saving checkpoint 6...",
          "Saving checkpoints for 6 into \(directory)/model.ckpt.",
          "Calling checkpoint listeners after saving checkpoint 6...",
          "global_step/sec: V",
          "loss = L, step = 5 (T sec)",
          "Calling checkpoint listeners before saving checkpoint 7...",
          "Saving checkpoints for 7 into \(directory)/model.ckpt.",
          "Calling checkpoint listeners after saving checkpoint 7...",
          "Loss for final step: L.",
        ])
      let again = try LogLines.of {
        let estimator = try LinearModel.estimator(directory, config: config)
        try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 7)
        try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 8)
      }
      #expect(again.contains("Skipping training since max_steps has already saved."))
      #expect(again.contains("Restoring parameters from \(directory)/model.ckpt-7"))
    }
  }

  @Test func whatAKilledSaveLeftBehindGoesThoughNothingIsLeftToTrain() throws {
    try withTemporaryDirectory { directory in
      let estimator = try LinearModel.estimator(directory, config: RunConfig())
      try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 2)
      let left = TemporaryName.of(directory + "/checkpoint")
      try LocalFileSystem().replaceFile(left, with: [1])
      try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 2)
      #expect(!LocalFileSystem().exists(left))
    }
  }

  @Test func hooksAreCalledInTensorFlowsOrder() throws {
    try withTemporaryDirectory { directory in
      let record = RecordingHook.Record()
      func modelFn(_ x: Structure<Tensor>, _ y: Structure<Tensor>?, _ mode: ModeKeys) throws -> EstimatorSpec {
        let spec = try LinearModel.modelFn(features: x, labels: y, mode: mode, params: .init())
        return try EstimatorSpec(
          mode: mode, predictions: spec.predictions, loss: spec.loss, trainOp: spec.trainOp,
          trainingChiefHooks: [RecordingHook("chief", record)], trainingHooks: [RecordingHook("training", record)],
          evaluationHooks: [RecordingHook("evaluation", record)], predictionHooks: [RecordingHook("prediction", record)]
        )
      }
      try LogLines.hidden {
        let estimator = try Estimator(modelFn: modelFn, modelDir: directory)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let user = RecordingHook("user", record)
        func order() -> [String] {
          defer { record.calls = [] }
          return record.calls.filter { $0.contains("begin") }.map { String($0.prefix { $0 != "." }) }
        }
        try estimator.train(inputFn: input, hooks: [user], steps: 1)
        #expect(order() == ["chief", "user", "training"])
        _ = try estimator.evaluate(inputFn: input, hooks: [user])
        #expect(order() == ["user", "evaluation"])
        _ = try estimator.predict(inputFn: input, hooks: [user]).collected()
        #expect(order() == ["user", "prediction"])
      }
    }
  }

  /// Says in the log when it is called.
  private final class SpeakingHook: SessionRunHook {
    private let name: String
    init(_ name: String) { self.name = name }
    func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) { Logging.info(name) }
  }

  @Test func ownHooksLieWhereTensorFlowPutsThem() throws {
    try withTemporaryDirectory { directory in
      func modelFn(_ x: Structure<Tensor>, _ y: Structure<Tensor>?, _ mode: ModeKeys) throws -> EstimatorSpec {
        let spec = try LinearModel.modelFn(features: x, labels: y, mode: mode, params: .init())
        return try EstimatorSpec(
          mode: mode, loss: spec.loss, trainOp: spec.trainOp, trainingChiefHooks: [SpeakingHook("chief")],
          trainingHooks: [SpeakingHook("training")])
      }
      let lines = try LogLines.of {
        let config = try RunConfig(modelDir: directory, saveCheckpointsSteps: 1, logStepCountSteps: 1)
        try Estimator(modelFn: modelFn, config: config)
          .train(inputFn: { try LinearModel.samples() }, hooks: [SpeakingHook("user")], steps: 2)
      }
      let step = lines.split(separator: "training").dropFirst().first?.map { line in
        line.prefix { $0 != ":" && $0 != "=" && $0 != "." }.replacing(directory, with: "D").replacing("2", with: "N")
      }
      #expect(
        step == [
          "Calling checkpoint listeners before saving checkpoint N", "Saving checkpoints for N into D/model",
          "Calling checkpoint listeners after saving checkpoint N", "chief", "global_step/sec", "user", "loss ",
        ])
    }
  }

  @Test func theGraphIsWrittenForPeopleToRead() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let path = directory + "/graph.pbtxt"
        func train(savesGraph: Bool) throws {
          let config = try RunConfig(modelDir: directory, checkpointSaveGraphDef: savesGraph)
          try LinearModel.estimator(directory, config: config)
            .train(inputFn: { try LinearModel.samples() }, steps: 1)
        }
        try train(savesGraph: false)
        #expect(!LocalFileSystem().exists(path))
        try train(savesGraph: true)
        let text = String(decoding: try bytes(ofFile: path), as: UTF8.self)
        #expect(text.contains(#"name: "weights/Momentum""#))
        let graph = Graph()
        try graph.importGraphDef(from: path, prefix: "")
        #expect(graph.node(named: "Momentum/update_weights/ApplyMomentum") != nil)
      }
    }
  }

  @Test func theEndOfTheInputEndsTraining() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        // Five batches a pass; the second call begins the next pass.
        try estimator.train(inputFn: { try LinearModel.samples(passes: 1) })
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(5)))
        try estimator.train(inputFn: { try LinearModel.samples(passes: 1) })
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(10)))
      }
      let lines = try LogLines.of {
        let estimator = try LinearModel.estimator(directory + "/empty")
        try estimator.train(inputFn: { .elements([]) })
      }
      #expect(lines.last == "Training with estimator made no steps. Perhaps input is empty or misspecified.")
    }
  }

  @Test func lossesThatAreNoNumbersEndTraining() throws {
    try withTemporaryDirectory { directory in
      let lines = LogLines()
      try lines.during {
        let estimator = try LinearModel.estimator(directory, .init(learningRate: .infinity))
        let text = errorText { try estimator.train(inputFn: { try LinearModel.samples() }, steps: 10) }
        #expect(text == "NaN loss during training.")
        #expect(try estimator.latestCheckpoint() == directory + "/model.ckpt-0", "what is lost is not saved")
      }
      #expect(lines.lines.last == "Model diverged with loss = NaN.")
    }
  }

  @Test func batchesKeepTheirStructure() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        let good = Sample(
          features: HostTensor(zeros: .float32, shape: [2, 3]), labels: HostTensor(zeros: .float32, shape: [2]))
        let bad = Sample(features: good.features)
        let text = errorText { try estimator.train(inputFn: { .elements([good, bad]) }) }
        #expect(text == "A batch has no labels, but the first one had.")
        let listed = Sample(features: [good.features.leaves[0]], labels: good.labels)
        #expect(
          errorText { try estimator.train(inputFn: { .elements([good, listed]) }) }
            == "The features of a batch have another structure than those of the first batch.")
      }
    }
  }

  @Test func aSignalSavesAndEndsTraining() throws {
    /// Sends a signal to this very process after some steps.
    final class Terminator: SessionRunHook {
      func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
        // To the process and not to this thread, which may not take signals; so it can take a moment to arrive.
        if context.globalStep == 4 { kill(getpid(), SIGTERM) }
        usleep(1000)
      }
    }
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory, config: try RunConfig(savesOnSignals: true))
        do {
          try estimator.train(inputFn: { try LinearModel.samples() }, hooks: [Terminator()], steps: 2000)
          Issue.record("training was not interrupted")
        } catch let error as EstimatorError {
          #expect(error.exitCode == 143)
        }
        let step = try estimator.variableValue("global_step").scalar(as: Int64.self)
        #expect(step >= 4 && step < 2000)
        #expect(try estimator.latestCheckpoint() == "\(directory)/model.ckpt-\(step)")
      }
    }
  }
}

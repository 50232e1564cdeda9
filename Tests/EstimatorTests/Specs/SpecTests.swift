import Espalier
import Testing

@Suite struct SpecTests {
  @Test func specificationsWantWhatTheirModeNeeds() {
    #expect(errorText { _ = try EstimatorSpec(mode: .train) } == "Missing train_op.")
    #expect(errorText { _ = try EstimatorSpec(mode: .evaluate) } == "Missing loss.")
    #expect(errorText { _ = try EstimatorSpec(mode: .predict) } == "Missing predictions.")
  }

  @Test func lossesAreScalars() throws {
    try withGraph(Graph()) {
      let spec = try EstimatorSpec(mode: .evaluate, loss: constant([Float(1)], shape: [1, 1]))
      #expect(spec.loss?.shape == .scalar)
      #expect(
        errorText { _ = try EstimatorSpec(mode: .evaluate, loss: constant([Float(1), 2])) }
          == "Loss must be scalar, given: Const_1:0 : float32[2]")
    }
  }

  @Test func partsBelongToTheCurrentGraph() {
    let stranger = withGraph(Graph()) { constant(Float(1), name: "far") }
    let text = withGraph(Graph()) { errorText { _ = try EstimatorSpec(mode: .evaluate, loss: stranger) } }
    #expect(text == "loss with \"far:0\" must be from the default graph.")
  }

  @Test func configurationsHaveTensorFlowsDefaults() throws {
    for config in [RunConfig.standard, try RunConfig()] {
      #expect(config.modelDir == nil && config.tfRandomSeed == nil)
      #expect(config.saveSummarySteps == 100 && config.logStepCountSteps == 100)
      #expect(config.saveCheckpointsSecs == 600 && config.saveCheckpointsSteps == nil)
      #expect(config.keepCheckpointMax == 5 && config.keepCheckpointEveryNHours == 10_000)
    }
  }

  @Test func checkpointsAreSpacedInOneWay() throws {
    #expect(
      errorText { _ = try RunConfig(saveCheckpointsSteps: 1, saveCheckpointsSecs: 1) }
        == "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set.")
    var config = try RunConfig(saveCheckpointsSteps: 5)
    #expect(config.saveCheckpointsSecs == nil)
    config.saveCheckpointsSecs = 60
    #expect(config.saveCheckpointsSteps == nil)
  }

  @Test func numbersThatMakeNoSenseAreRefused() {
    let input: InputFn = { try LinearModel.samples() }
    #expect(errorText { _ = try TrainSpec(inputFn: input, maxSteps: 0) } == "Must specify max_steps > 0, given: 0")
    #expect(errorText { _ = try EvalSpec(inputFn: input, steps: 0) } == "Must specify steps > 0, given: 0")
    #expect(
      errorText { _ = try EvalSpec(inputFn: input, throttleSecs: -1) } == "Must specify throttle_secs >= 0, given: -1")
    #expect(
      errorText { _ = try EvalSpec(inputFn: input, startDelaySecs: -2) }
        == "Must specify start_delay_secs >= 0, given: -2")
    #expect(errorText { _ = try RunConfig(saveSummarySteps: -1) } == "save_summary_steps should be >= 0")
    #expect(
      errorText { _ = try RunConfig(keepCheckpointEveryNHours: 0) } == "keep_checkpoint_every_n_hours should be > 0")
  }

  @Test func evaluationsTakeAHundredBatchesUnlessSaidOtherwise() throws {
    let spec = try EvalSpec(inputFn: { try LinearModel.samples() })
    #expect(spec.steps == 100 && spec.throttleSecs == 600 && spec.startDelaySecs == 120)
  }

  @Test func modesHaveTensorFlowsNames() {
    #expect(ModeKeys.allCases.map(\.rawValue) == ["train", "eval", "infer"])
  }

  @Test func estimatorsWantOneDirectory() {
    let text = errorText {
      _ = try LinearModel.estimator("/tmp/a", config: try RunConfig(modelDir: "/tmp/b"))
    }
    #expect(
      text == "`model_dir` are set both in constructor and `RunConfig`, but with different values. "
        + "In constructor: '/tmp/a', in `RunConfig`: '/tmp/b' ")
    #expect(errorText { _ = try LinearModel.estimator("") } == "model_dir should be non-empty")
  }
}

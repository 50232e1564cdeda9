import Espalier
import TestSupport
import Testing

@Suite struct TrainAndEvaluateTests {
  private func run(
    _ directory: String, maxSteps: Int = 10, every steps: Int = 3, throttleSecs: Double = 0
  ) throws -> (result: EvaluationResult?, lines: [String]) {
    let log = LogLines()
    let result = try log.during {
      let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: steps)
      return try trainAndEvaluate(
        try LinearModel.estimator(directory, config: config),
        try TrainSpec(inputFn: { try LinearModel.samples() }, maxSteps: maxSteps),
        try EvalSpec(inputFn: { try LinearModel.samples(passes: 1) }, steps: nil, throttleSecs: throttleSecs))
    }
    return (result, log.lines)
  }

  private func evaluated(_ lines: [String]) -> [Int] {
    lines.compactMap { line in
      line.firstMatch(of: /Saving dict for global step (\d+)/).flatMap { Int($0.output.1) }
    }
  }

  @Test func evaluationsFollowCheckpointsButTheFirst() throws {
    try withTemporaryDirectory { directory in
      let (result, lines) = try run(directory)
      #expect(evaluated(lines) == [3, 6, 9, 10])
      #expect(result?.globalStep == 10)
      #expect(lines.contains("Running training and evaluation locally (non-distributed)."))
      #expect(
        lines.contains(
          "Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is "
            + "determined based on RunConfig arguments: save_checkpoints_steps 3 or save_checkpoints_secs None."))
      // What has ended already is neither trained nor evaluated again.
      let (again, more) = try run(directory)
      #expect(again == nil && evaluated(more).isEmpty)
      #expect(more.last == "Skipping training since max_steps has already saved.")
    }
  }

  @Test func evaluationsAreThrottledButForTheLast() throws {
    try withTemporaryDirectory { directory in
      let (result, lines) = try run(directory, throttleSecs: 3600)
      #expect(evaluated(lines) == [3, 10])
      #expect(lines.count { $0 == "Skip the current checkpoint eval due to throttle secs (3600 secs)." } == 3)
      #expect(result?.globalStep == 10)
    }
  }

  @Test func evaluationDoesNotDisturbTraining() throws {
    try withTemporaryDirectory { directory in
      _ = try run(directory + "/evaluated", every: 2)
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(
          directory + "/plain", config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 100))
        try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 10)
      }
      let file = "/model.ckpt-10.data-00000-of-00001"
      #expect(
        try bytes(ofFile: directory + "/evaluated" + file) == bytes(ofFile: directory + "/plain" + file))
    }
  }
}

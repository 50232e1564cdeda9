import Espalier
import TestSupport
import Testing

@Suite struct EarlyStoppingTests {
  /// The directory of an evaluation with these accuracies by step.
  private func withEvaluations(
    _ values: [(Int, Double)], _ body: (Estimator<LinearModel.Params>) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try LocalFileSystem().createDirectory(estimator.evalDir())
        let writer = try EventFileWriter(directory: estimator.evalDir())
        for (step, value) in values {
          try writer.add(
            .summary(Summary([.scalar("accuracy", Float(value)), .scalar("loss", Float(1 - value))])), step: step)
        }
        try writer.close()
        try body(estimator)
      }
    }
  }

  /// Returns the step at which a hook ends training, and what it logs.
  private func stop(
    _ estimator: Estimator<LinearModel.Params>, _ hook: any SessionRunHook
  ) throws -> (step: Int, lines: [String]) {
    let lines = try LogLines.of {
      try estimator.train(inputFn: { try LinearModel.samples() }, hooks: [hook], steps: 6)
    }
    let step = Int(try estimator.variableValue("global_step").scalar(as: Int64.self))
    return (step, lines.filter { $0.contains("metric") || $0.contains("early stopping") })
  }

  @Test func metricsAreReadFromEvents() throws {
    try withEvaluations([(10, 0.5), (20, 0.75), (20, 0.875)]) { estimator in
      let metrics = try readEvalMetrics(estimator.evalDir())
      #expect(metrics.map(\.step) == [10, 20])
      #expect(metrics.map { $0.metrics["accuracy"] } == [0.5, 0.875])
      #expect(try readEvalMetrics(estimator.evalDir(name: "none")).isEmpty)
    }
  }

  @Test func trainingEndsAboveAThreshold() throws {
    try withEvaluations([(10, 0.5), (20, 0.75)]) { estimator in
      let (step, lines) = try stop(
        estimator, try estimator.stopIfHigherHook("accuracy", threshold: 0.7, every: .steps(2)))
      #expect(step == 1, "a timer is due at once")
      #expect(
        lines == [
          "At step 20, metric \"accuracy\" has value 0.75 which is greater than the configured threshold (0.7) for early "
            + "stopping.", "Requesting early stopping at global step 1",
        ])
    }
    try withEvaluations([(10, 0.5), (20, 0.75)]) { estimator in
      let hooks = [
        try estimator.stopIfHigherHook("accuracy", threshold: 0.8, every: .steps(1)),
        try estimator.stopIfHigherHook("accuracy", threshold: 0.7, minSteps: 21, every: .steps(1)),
        try estimator.stopIfLowerHook("loss", threshold: 0.2, every: .steps(1)),
      ]
      for hook in hooks { #expect(try stop(estimator, hook).lines.isEmpty) }
      let (_, lines) = try stop(estimator, try estimator.stopIfLowerHook("loss", threshold: 0.3, every: .steps(1)))
      #expect(lines.first?.contains("has value 0.25 which is less than the configured threshold (0.3)") == true)
    }
  }

  @Test func trainingEndsWithoutImprovement() throws {
    let values = [(10, 0.5), (20, 0.75), (30, 0.7), (40, 0.75), (50, 0.6)]
    try withEvaluations(values) { estimator in
      let patient = try estimator.stopIfNoIncreaseHook("accuracy", maxStepsWithoutIncrease: 31, every: .steps(1))
      #expect(try stop(estimator, patient).lines.isEmpty)
      let hook = try estimator.stopIfNoIncreaseHook("accuracy", maxStepsWithoutIncrease: 30, every: .steps(1))
      #expect(
        try stop(estimator, hook).lines.first
          == "No increase in metric \"accuracy\" for 30 steps, which is greater than "
          + "or equal to max steps (30) configured for early stopping.")
      let other = try estimator.stopIfNoDecreaseHook("loss", maxStepsWithoutDecrease: 20, every: .steps(1))
      #expect(try stop(estimator, other).lines.first?.hasPrefix("No decrease in metric \"loss\" for 20 steps") == true)
      let misspelled = try estimator.stopIfNoDecreaseHook("los", maxStepsWithoutDecrease: 20, every: .steps(1))
      #expect(
        errorText { _ = try stop(estimator, misspelled) }
          == "The evaluations in \(estimator.evalDir()) have no metric \"los\". Did you mean 'loss'?")
    }
  }

  @Test func anyClosureCanEndTraining() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        var asked = 0
        let hook = try estimator.makeEarlyStoppingHook(every: .steps(2)) {
          asked += 1
          return asked == 3
        }
        #expect(try stop(estimator, hook).step == 5)
      }
    }
  }
}

import Espalier
import TestSupport
import Testing

@Suite struct ScheduleTests {
  private func specs(maxSteps: Int?, everyNSteps: Int? = nil) throws -> (TrainSpec, [EvalSpec]) {
    let input: InputFn = { try LinearModel.samples(passes: 1) }
    return (
      try TrainSpec(inputFn: { try LinearModel.samples() }, maxSteps: maxSteps),
      [
        try EvalSpec(inputFn: input, steps: nil, throttleSecs: 0),
        try EvalSpec(inputFn: input, steps: 2, name: "small", throttleSecs: 0, everyNSteps: everyNSteps),
      ]
    )
  }

  @Test(arguments: [(10, 3), (9, 3), (4, 10)])
  func whatIsForetoldHappens(_ last: Int, _ every: Int) throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: every)
        let estimator = try LinearModel.estimator(directory, config: config)
        let (trainSpec, evalSpecs) = try specs(maxSteps: last)
        let schedule = try estimator.schedule(trainSpec, evalSpecs)
        let result = try trainAndEvaluate(estimator, trainSpec, evalSpecs)
        func steps(_ pattern: Regex<(Substring, Substring)>) -> [Int] {
          log.lines.compactMap { line in line.firstMatch(of: pattern).flatMap { Int($0.output.1) } }
        }
        #expect(steps(/Saving checkpoints for (\d+) into/) == schedule.moments.filter(\.saves).map(\.step))
        let evaluated = schedule.moments.flatMap { moment in moment.evaluations.map { _ in moment.step } }
        #expect(steps(/Saving dict for global step (\d+)/) == evaluated)
        #expect(result.evaluations.keys.sorted() == ["", "small"])
        #expect(
          try readEvalMetrics(estimator.evalDir(name: "small")).map(\.step)
            == readEvalMetrics(estimator.evalDir()).map(\.step))
        let rest = try estimator.explainSchedule(trainSpec, evalSpecs)
        #expect(rest == "Training has reached step \(last) already; there is nothing to do until step \(last).\n")
      }
    }
  }

  @Test func evaluationsCanWaitForSteps() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let estimator = try LinearModel.estimator(
          directory, config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 2))
        let (trainSpec, evalSpecs) = try specs(maxSteps: 9, everyNSteps: 3)
        let schedule = try estimator.schedule(trainSpec, evalSpecs)
        let foretold = schedule.moments.filter { $0.evaluations.contains { $0.directory == "eval_small" } }
        #expect(foretold.map(\.step) == [2, 6, 9])
        try trainAndEvaluate(estimator, trainSpec, evalSpecs)
        #expect(try readEvalMetrics(estimator.evalDir(name: "small")).map(\.step) == [2, 6, 9])
        #expect(try readEvalMetrics(estimator.evalDir()).map(\.step) == [2, 4, 6, 8, 9])
      }
      #expect(
        log.lines.count { $0 == "Skip the current checkpoint eval due to every n steps (3 steps)." } == 2)
      #expect(
        errorText { _ = try specs(maxSteps: 1, everyNSteps: 0) } == "Must specify every_n_steps > 0, given: 0")
    }
  }

  @Test func theTableSaysWhatHappensWhen() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let config = try RunConfig(saveCheckpointsSteps: 400)
        let estimator = try LinearModel.estimator(directory, config: config)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let best = try BestCheckpoints(by: "error", .smallest)
        let text = try estimator.explainSchedule(
          try TrainSpec(inputFn: input, maxSteps: 1000), [try EvalSpec(inputFn: input, exporters: [best])])
        #expect(
          text == """
            Training goes from step 0 to step 1000.
              step  then
                 0  checkpoint
               400  checkpoint, evaluation eval
               800  checkpoint, evaluation eval if 600 s have passed since the last
              1000  checkpoint, evaluation eval, final export best_error

            """)
        let timed = try LinearModel.estimator(directory + "/timed")
        let endless = try timed.explainSchedule(try TrainSpec(inputFn: input), [])
        #expect(
          endless.hasPrefix(
            "Training goes from step 0 to the end of the input.\nA checkpoint is saved every 600 seconds"))
      }
    }
  }

  @Test func evaluationsHaveNamesOfTheirOwn() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let (trainSpec, evalSpecs) = try specs(maxSteps: 1)
        let text = errorText {
          _ = try trainAndEvaluate(try LinearModel.estimator(directory), trainSpec, [evalSpecs[0], evalSpecs[0]])
        }
        #expect(text == "`eval_specs` must have unique names. Names given: [\"\", \"\"]")
      }
    }
  }
}

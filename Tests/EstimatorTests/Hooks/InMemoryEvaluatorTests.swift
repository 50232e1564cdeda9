import Espalier
import TestSupport
import Testing

@Suite struct InMemoryEvaluatorTests {
  @Test func trainedWeightsAreEvaluatedWithoutCheckpoints() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let config = try RunConfig(tfRandomSeed: 1, saveCheckpointsSecs: 0)
        let estimator = try LinearModel.estimator(directory, config: config)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let hook = try InMemoryEvaluatorHook(estimator, inputFn: input, everyNIter: 4)
        try estimator.train(inputFn: { try LinearModel.samples() }, hooks: [hook], steps: 10)
        let found = try readEvalMetrics(estimator.evalDir())
        #expect(found.map(\.step) == [0, 4, 8, 10])
        let losses = found.compactMap { $0.metrics["loss"] }
        #expect(Set(losses).count == 4, "the weights move in between")
        #expect(hook.result?.globalStep == 10)
        #expect(try estimator.latestCheckpoint() == nil)
        #expect(estimator.modelBuilds == [.train: 1, .evaluate: 1])
      }
    }
  }

  @Test func itFindsWhatAnEvaluationOfTheCheckpointFinds() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let estimator = try LinearModel.estimator(directory)
        let hook = try InMemoryEvaluatorHook(estimator, inputFn: input, everyNIter: 100)
        try estimator.train(inputFn: { try LinearModel.samples() }, hooks: [hook], steps: 7)
        let again = try LinearModel.estimator(directory).evaluate(inputFn: input)
        #expect(hook.result == again)
        #expect(
          errorText { _ = try InMemoryEvaluatorHook(estimator, inputFn: input, everyNIter: 0) }
            == "invalid every_n_iter=0.")
      }
    }
  }
}

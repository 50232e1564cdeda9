import Espalier
import TestSupport
import Testing

@Suite struct PredictTests {
  @Test func examplesComeOneByOne() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        let weights = try estimator.variableValue("weights").scalars(as: Float.self)
        let all = try estimator.predict(inputFn: { try LinearModel.samples(passes: 1) }).collected()
        #expect(all.count == LinearModel.exampleCount)
        let x = (0..<3).map { Float(($0 + 3) % 7) / 7 - 0.3 }
        let expected = zip(x, weights).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(all[1].keys.sorted() == ["doubled", "sums"])
        #expect(abs(try all[1]["sums"]!.scalar(as: Float.self) - expected) < 1e-6)
        #expect(all[1]["sums"]!.shape == [])
        let sums = try estimator.predict(
          inputFn: { try LinearModel.samples(passes: 1) }, predictKeys: ["sums"]
        ).collected()
        #expect(sums.map(\.keys.count) == Array(repeating: 1, count: 20))
        #expect(sums.map { $0["sums"] } == all.map { $0["sums"] })
        #expect(
          errorText {
            _ = try estimator.predict(inputFn: { try LinearModel.samples() }, predictKeys: ["classes"]).next()
          } == "Expected to run at least one output from [\"doubled\", \"sums\"], provided [\"classes\"].")
      }
    }
  }

  @Test func nothingIsReadAheadOfTheReader() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        let batches = Lock(0)
        let counted: InputFn = {
          try LinearModel.samples(passes: 1).map { sample in
            batches.withLock { $0 += 1 }
            return sample
          }
        }
        let predictions = estimator.predict(inputFn: counted)
        #expect(batches.withLock { $0 } == 0)
        _ = try predictions.next()
        #expect(batches.withLock { $0 } == 1)
        for _ in 0..<3 { _ = try predictions.next() }
        #expect(batches.withLock { $0 } == 1, "a batch has four examples")
        _ = try predictions.next()
        #expect(batches.withLock { $0 } == 2)
      }
    }
  }

  @Test func anEmptyInputHasNoPredictions() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let predictions = try LinearModel.estimator(directory).predict(inputFn: { .elements([]) })
        #expect(try predictions.next() == nil)
        #expect(try predictions.next() == nil)
      }
    }
  }

  @Test func predictionsOfABatchAreOfOneLength() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try Estimator(
          modelFn: { x, _, mode in
            try EstimatorSpec(
              mode: mode, predictions: .dictionary(["a": x.leaves[0], "b": constant([Float(1), 2, 3, 4, 5])]))
          }, modelDir: directory)
        #expect(
          errorText { _ = try estimator.predict(inputFn: { try LinearModel.samples() }).next() }
            == "Batch length of predictions should be same. b has different batch length than others.")
      }
    }
  }
}

import Espalier
import TestSupport
import Testing

@Suite struct ReuseTests {
  private let input: InputFn = { try LinearModel.samples(passes: 1) }

  /// Makes the data of a checkpoint unreadable: whoever wants them fails.
  private func destroy(_ prefix: String) throws {
    try write(Array("nothing".utf8), toFile: prefix + ".data-00000-of-00001")
  }

  @Test func graphsAreBuiltOnceForEachMode() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        for _ in 0..<3 {
          try estimator.train(inputFn: { try LinearModel.samples() }, steps: 2)
          _ = try estimator.evaluate(inputFn: input)
          _ = try estimator.evaluate(inputFn: input)
          _ = try estimator.predict(inputFn: input).collected()
        }
        #expect(estimator.modelBuilds == [.train: 1, .evaluate: 1, .predict: 1])
      }
    }
  }

  @Test func weightsInMemoryAreNotReadAgain() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        try destroy(directory + "/model.ckpt-6")
        // Training left the weights of this checkpoint, and evaluation and prediction leave them as they are.
        let first = try estimator.evaluate(inputFn: input)
        #expect(try estimator.evaluate(inputFn: input) == first)
        #expect(try estimator.predict(inputFn: input).collected().count == 20)
        #expect(first.globalStep == 6)
        let other = try LinearModel.estimator(directory)
        #expect(errorText { _ = try other.evaluate(inputFn: input) } != nil, "another estimator has to read them")
      }
    }
  }

  @Test func evaluationsOfOtherCheckpointsDoNotDisturbTraining() throws {
    /// Evaluates the first checkpoint in the middle of training.
    final class Evaluator: CheckpointSaverListener {
      let estimator: Estimator<LinearModel.Params>
      var results: [EvaluationResult] = []
      init(_ estimator: Estimator<LinearModel.Params>) { self.estimator = estimator }
      func afterSave(_ session: Session, globalStep: Int) throws -> Bool {
        results.append(
          try estimator.evaluate(
            inputFn: { try LinearModel.samples(passes: 1) }, checkpointPath: estimator.modelDir + "/model.ckpt-0"))
        return false
      }
    }
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        for (name, isDisturbed) in [("plain", false), ("disturbed", true)] {
          let estimator = try LinearModel.estimator(
            "\(directory)/\(name)", config: try RunConfig(tfRandomSeed: 1, saveCheckpointsSteps: 3))
          let evaluator = Evaluator(estimator)
          try estimator.train(
            inputFn: { try LinearModel.samples() }, steps: 9, savingListeners: isDisturbed ? [evaluator] : [])
          if isDisturbed {
            #expect(evaluator.results.count == 4)
            #expect(evaluator.results.allSatisfy { $0 == evaluator.results[0] && $0.globalStep == 0 })
          }
        }
        let file = "/model.ckpt-9.data-00000-of-00001"
        #expect(try bytes(ofFile: directory + "/plain" + file) == bytes(ofFile: directory + "/disturbed" + file))
      }
    }
  }

  @Test func predictionsThatAreReadLaterAreOfTheirCheckpoint() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        let all = try estimator.predict(inputFn: input).collected()
        let slow = estimator.predict(inputFn: input)
        var read = [try #require(try slow.next())]
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        read += try slow.collected()
        #expect(read == all)
      }
    }
  }

  @Test func batchesCanBePredictedWhole() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 1)
        let batches = try estimator.predict(inputFn: input, yieldSingleExamples: false).collected()
        #expect(batches.count == 5 && batches.allSatisfy { $0["sums"]?.shape == [4] })
      }
    }
  }
}

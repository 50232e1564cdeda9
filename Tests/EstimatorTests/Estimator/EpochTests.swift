import Espalier
import TestSupport
import Testing

@Suite struct EpochTests {
  private func estimator(_ directory: String, every steps: Int = 4) throws -> Estimator<LinearModel.Params> {
    try LinearModel.estimator(
      directory, .init(hasNoise: true), config: try RunConfig(tfRandomSeed: 7, saveCheckpointsSteps: steps))
  }
  private let input: InputFn = { try LinearModel.samples(shuffled: true, passes: 1) }

  @Test func trainingGoesOverItsInputSoManyTimes() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        try estimator(directory).train(inputFn: input, maxEpochs: 3)
        #expect(try estimator(directory).variableValue("global_step") == HostTensor(Int64(15)), "five batches a pass")
        try estimator(directory).train(inputFn: input, maxEpochs: 3)
        #expect(try estimator(directory).variableValue("global_step") == HostTensor(Int64(15)))
        try estimator(directory).train(inputFn: input, maxEpochs: 4)
        #expect(try estimator(directory).variableValue("global_step") == HostTensor(Int64(20)))
      }
      let epochs = log.lines.filter { $0.hasPrefix("Epoch ") }
      #expect(epochs == (1...3).map { "Epoch \($0) of 3 begins." } + ["Epoch 4 of 4 begins."])
      #expect(log.lines.contains("Skipping training since max_epochs has already been reached."))
      #expect(
        errorText { _ = try TrainSpec(inputFn: input, maxEpochs: 0) } == "Must specify max_epochs > 0, given: 0")
    }
  }

  /// Passes end at 5, 10 and 15: saves fall on the last step of some passes, or of all of them.
  @Test(arguments: [[5], [10, 12], [1, 14], [4, 5, 6, 10, 11, 15]], [1, 3, 4, 5, 15, 100])
  func interruptedEpochsEndInTheBitsOfWholeOnes(_ stops: [Int], _ interval: Int) throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        try estimator(directory + "/whole", every: interval).train(inputFn: input, maxEpochs: 3)
        for stop in stops {
          try estimator(directory + "/parts", every: 4).train(inputFn: input, maxSteps: stop, maxEpochs: 3)
        }
        try estimator(directory + "/parts").train(inputFn: input, maxEpochs: 3)
      }
      for file in ["model.ckpt-15.index", "model.ckpt-15.data-00000-of-00001"] {
        #expect(try bytes(ofFile: "\(directory)/whole/\(file)") == bytes(ofFile: "\(directory)/parts/\(file)"))
      }
    }
  }
}

import Espalier
import TestSupport
import Testing

@Suite struct ForgottenUpdatesTests {
  /// Returns the warnings of a training whose model has a batch normalization.
  private func warnings(runsUpdates: Bool) throws -> [String] {
    try withTemporaryDirectory { directory in
      try LogLines.of {
        let estimator = try Estimator(
          modelFn: { features, labels, mode in
            let x = features.leaves[0]
            let normal = Layers.batchNormalization(x, training: true)
            let loss = reduceMean(square(normal - 1))
            let trained = try GradientDescentOptimizer(learningRate: 0.1).minimize(
              loss, globalStep: try getOrCreateGlobalStep())
            let trainOp = runsUpdates ? group([trained] + x.graph.updateOps()) : trained
            return try EstimatorSpec(mode: mode, loss: loss, trainOp: trainOp)
          }, modelDir: directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 1)
      }.filter { $0.contains("update_ops") }
    }
  }

  @Test func updatesThatNothingRunsAreWarnedOf() throws {
    #expect(try warnings(runsUpdates: true) == [])
    let found = try warnings(runsUpdates: false)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("2 of 2 update_ops are not run by train_op: batch_normalization/") == true)
    #expect(found.first?.contains("ForgottenUpdatesTests.swift:") == true)
  }
}

import Espalier
import TestSupport
import Testing

@Suite struct EventFileTests {
  @Test func trainingWritesWhatTensorFlowWrites() throws {
    try withTemporaryDirectory { directory in
      let config = try RunConfig(
        tfRandomSeed: 1, saveSummarySteps: 5, saveCheckpointsSteps: 6, logStepCountSteps: 5)
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory, config: config)
        try estimator.train(inputFn: { try LinearModel.samples() }, maxSteps: 12)
      }
      let words = try eventFile(in: directory).map { event in
        switch event.content {
        case .fileVersion(let version): "\(event.step) \(version)"
        case .graph: "\(event.step) graph"
        case .metaGraph: "\(event.step) metaGraph"
        case .sessionLog(let log): "\(event.step) \(log.status) \(log.checkpointPath)"
        case .summary(let summary): "\(event.step) " + summary.values.map(\.tag).joined(separator: ",")
        default: "\(event.step) something else"
        }
      }
      let path = directory + "/model.ckpt"
      #expect(
        words == [
          "0 brain.Event:2", "0 graph", "0 metaGraph", "0 checkpoint \(path)", "1 start ", "1 loss",
          "6 checkpoint \(path)",
          "6 global_step/sec", "6 loss", "11 global_step/sec", "11 loss", "12 checkpoint \(path)",
        ])
    }
  }

  @Test func summariesCostNothingWhereTheyAreNotDue() throws {
    try withTemporaryDirectory { directory in
      let config = try RunConfig(saveSummarySteps: 0, saveCheckpointsSecs: 0, logStepCountSteps: nil)
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory, config: config)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 3)
      }
      #expect(try LocalFileSystem().names(inDirectory: directory) == [".lock"])
    }
  }
}

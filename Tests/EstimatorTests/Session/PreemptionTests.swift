import Espalier
import TestSupport
import Testing

/// Errors that say that the machine gave way, or that there is no more.
@Suite struct PreemptionTests {
  /// Throws once after a step.
  private final class FailingHook: SessionRunHook {
    private let kind: ExecutionError.Kind
    private let step: Int
    private var steps = 0

    init(_ kind: ExecutionError.Kind, afterStep step: Int) { (self.kind, self.step) = (kind, step) }

    func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
      steps += 1
      if steps == step { throw ExecutionError("lost", kind: kind) }
    }
  }

  private func train(
    _ directory: String, hooks: [any SessionRunHook] = [], saving interval: Int? = 4
  ) throws -> Estimator<LinearModel.Params> {
    let config = try RunConfig(
      tfRandomSeed: 7, saveCheckpointsSteps: interval, saveCheckpointsSecs: interval == nil ? 0 : nil)
    let estimator = try LinearModel.estimator(directory, .init(hasNoise: true), config: config)
    return try estimator.train(inputFn: { try LinearModel.samples(shuffled: true) }, hooks: hooks, maxSteps: 10)
  }

  @Test(arguments: [ExecutionError.Kind.aborted, .unavailable], [1, 6, 8])
  func trainingGoesOnFromTheLatestCheckpoint(_ kind: ExecutionError.Kind, _ step: Int) throws {
    try withTemporaryDirectory { directory in
      let record = RecordingHook.Record()
      let log = LogLines()
      try log.during {
        _ = try train(directory + "/whole")
        _ = try train(
          directory + "/broken", hooks: [FailingHook(kind, afterStep: step), RecordingHook("a", record)])
      }
      for file in ["model.ckpt-10.index", "model.ckpt-10.data-00000-of-00001"] {
        #expect(try bytes(ofFile: "\(directory)/whole/\(file)") == bytes(ofFile: "\(directory)/broken/\(file)"))
      }
      let restart = try #require(log.lines.firstIndex { $0.hasPrefix("An error was raised. This may be due to a pre") })
      #expect(log.lines[restart].hasSuffix("Error: lost"))
      #expect(
        log.lines[(restart + 1)...].prefix(4) == [
          "Restoring parameters from \(directory)/broken/model.ckpt-\(step < 4 ? 0 : step < 8 ? 4 : 8)",
          "Running local_init_op.", "Done running local_init_op.",
          "Calling checkpoint listeners before saving checkpoint \(step < 4 ? 0 : step < 8 ? 4 : 8)...",
        ])
      #expect(record.calls.filter { $0.hasPrefix("a.afterCreateSession") }.count == 2)
      #expect(record.calls.filter { $0.hasPrefix("a.begin") }.count == 1)
      #expect(record.calls.filter { $0 == "a.end" }.count == 1)
    }
  }

  @Test func withoutCheckpointsTrainingBeginsAnew() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let record = RecordingHook.Record()
        let hooks: [any SessionRunHook] = [RecordingHook("a", record), FailingHook(.aborted, afterStep: 3)]
        _ = try train(directory, hooks: hooks, saving: nil)
        #expect(record.calls.filter { $0 == "a.afterRun" }.count == 13)
      }
    }
  }

  @Test func evaluationsCountEachBatchOnce() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try train(directory)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let whole = try estimator.evaluate(inputFn: input)
        let broken = try estimator.evaluate(inputFn: input, hooks: [FailingHook(.unavailable, afterStep: 3)])
        #expect(whole == broken)
      }
    }
  }

  @Test func nothingMoreIsAGoodEnd() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let record = RecordingHook.Record()
        let estimator = try train(
          directory, hooks: [RecordingHook("a", record), FailingHook(.outOfRange, afterStep: 3)])
        #expect(record.calls.last == "a.end")
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(3)))
      }
    }
  }

  @Test func otherErrorsEndTraining() throws {
    try withTemporaryDirectory { directory in
      LogLines.hidden {
        let text = errorText { _ = try train(directory, hooks: [FailingHook(.unknown, afterStep: 3)]) }
        #expect(text == "lost")
      }
    }
  }

  @Test func loopsOfUsersMakeTheStepAgain() throws {
    let graph = Graph()
    let step = try withGraph(graph) { try createGlobalStep().assignAdd(constant(Int64(1))).node }
    try LogLines.hidden {
      let record = RecordingHook.Record()
      let loop = try MonitoredSession(
        Session(graph: graph), hooks: [RecordingHook("a", record, stopsAfter: 4), FailingHook(.aborted, afterStep: 2)])
      while !loop.shouldStop { try loop.run(SessionRunArgs(targets: [step])) }
      try loop.close()
      // Two steps, of which the failure takes both back, and two more.
      #expect(loop.session.globalStep == 2)
      #expect(record.calls.last == "a.end")
    }
  }
}

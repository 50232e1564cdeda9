import Espalier
import TestSupport
import Testing

@Suite struct HookTests {
  @Test func argumentsAreChecked() {
    #expect(
      errorText { _ = try LoggingTensorHook(["a": "a"]) }
        == "either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.")
    #expect(errorText { _ = try LoggingTensorHook(["a": "a"], everyNIter: 0) } == "invalid every_n_iter=0.")
    #expect(errorText { _ = try StopAtStepHook() } == "One of num_steps or last_step must be specified.")
    #expect(
      errorText { _ = try StepCounterHook(everyNSteps: 1, everyNSecs: 1) }
        == "exactly one of every_n_steps and every_n_secs should be provided.")
    #expect(
      errorText { _ = try SummarySaverHook(saveSteps: 1, outputDir: "x") }
        == "Exactly one of scaffold or summary_op must be provided.")
    LogLines.hidden {
      #expect(
        errorText {
          _ = try CheckpointSaverHook(checkpointDir: "x", saveSteps: 1, saver: Saver(), scaffold: Scaffold())
        }
          == "You cannot provide both saver and scaffold.")
    }
  }

  /// Runs a counter for some steps with hooks; returns what is logged.
  private func log(
    steps: Int, _ hooks: [any SessionRunHook]
  ) throws -> [String] {
    try LogLines.of {
      let graph = Graph()
      let step = try withGraph(graph) {
        let counter = try createGlobalStep()
        _ = identity(cast(counter.value, to: .float32) * 0.5, name: "half")
        return counter.assignAdd(constant(Int64(1))).node
      }
      let loop = try MonitoredSession(Session(graph: graph), hooks: hooks)
      for _ in 0..<steps where !loop.shouldStop { try loop.run(SessionRunArgs(targets: [step])) }
      try loop.close()
    }.filter { !$0.contains("local_init_op") && $0 != "Graph was finalized." }
  }

  @Test func loggedTensorsAreFoundByName() throws {
    let hook = try LoggingTensorHook(["half": "half", "count": "global_step:0"], everyNIter: 2)
    let lines = try log(steps: 5, [hook]).map { $0.replacing(#/ \([0-9.]+ sec\)/#, with: "") }
    #expect(lines == ["count = 0, half = 0.0", "count = 2, half = 1.0", "count = 4, half = 2.0"])
    let atEnd = try LoggingTensorHook(["half": "half"], atEnd: true)
    #expect(try log(steps: 3, [atEnd]) == ["half = 1.5"])
    let formatted = try LoggingTensorHook(["half": "half"], everyNIter: 10) { "saw \($0.keys.sorted())" }
    #expect(try log(steps: 3, [formatted]) == ["saw [\"half\"]"])
    #expect(
      errorText { _ = try log(steps: 1, [try LoggingTensorHook(["x": "half"], everyNIter: 1)]) }
        == nil)
    #expect(
      errorText { _ = try log(steps: 1, [try LoggingTensorHook(["x": "halb"], everyNIter: 1)]) }
        == "The name 'halb' refers to a Tensor which does not exist in the graph. Did you mean 'half'?")
  }

  @Test func loopsStopWhereTheyShould() throws {
    for hook in [try StopAtStepHook(numSteps: 3), try StopAtStepHook(lastStep: 3)] {
      let end = try LoggingTensorHook(["count": "global_step"], atEnd: true)
      #expect(try log(steps: 9, [hook, end]) == ["count = 3"])
    }
  }

  @Test func hooksThatNeedACounterSaySo() {
    let graph = Graph()
    LogLines.hidden {
      #expect(
        errorText { _ = try MonitoredSession(Session(graph: graph), hooks: [try StopAtStepHook(numSteps: 1)]) }
          == "Global step should be created to use StopAtStepHook.")
    }
  }

  @Test func standingStillIsWarnedOf() throws {
    let lines = try LogLines.of {
      let graph = Graph()
      try withGraph(graph) { _ = try createGlobalStep() }
      let loop = try MonitoredSession(Session(graph: graph), hooks: [try StepCounterHook(everyNSteps: 100)])
      for _ in 0..<8 { try loop.run(SessionRunArgs()) }
    }
    #expect(lines.count { $0.hasPrefix("It seems that global step (tf.train.get_global_step) has not been") } == 5)
  }

  @Test func finalValuesAndFeedsAreTheHooksOwn() throws {
    let graph = Graph()
    let (fed, sum) = withGraph(graph) {
      let fed = placeholder(.float32, shape: [], name: "fed")
      let sum = getVariable("sum", shape: [], initializer: Initializers.zeros).variable
      return (fed, (sum, sum.assignAdd(fed)))
    }
    var next = Float(0)
    let feeder = FeedFnHook {
      next += 1
      return [fed: HostTensor(next)]
    }
    let final = FinalOpsHook(["sum": sum.0.value])
    try LogLines.hidden {
      let loop = try MonitoredSession(Session(graph: graph), hooks: [feeder, final])
      for _ in 0..<4 { try loop.run(SessionRunArgs([sum.1])) }
      try loop.close()
    }
    #expect(final.finalOpsValues == ["sum": HostTensor(Float(10))])
  }

  @Test func lossesThatAreNoNumbersCanJustEndTheLoop() throws {
    let graph = Graph()
    let loss = withGraph(graph) { constant(Float.nan) }
    let lines = try LogLines.of {
      let loop = try MonitoredSession(Session(graph: graph), hooks: [NanTensorHook(loss, failOnNanLoss: false)])
      try loop.run(SessionRunArgs())
      #expect(loop.shouldStop)
    }
    #expect(lines.last == "Model diverged with loss = NaN.")
  }

  @Test func listenersHearOfSavesAndCanStop() throws {
    final class Listener: CheckpointSaverListener {
      var calls: [String] = []
      func begin(_ graph: Graph) { calls.append("begin") }
      func beforeSave(_ session: Session, globalStep: Int) { calls.append("before \(globalStep)") }
      func afterSave(_ session: Session, globalStep: Int) -> Bool {
        calls.append("after \(globalStep)")
        return globalStep >= 4
      }
      func end(_ session: Session, globalStep: Int) { calls.append("end \(globalStep)") }
    }
    try withTemporaryDirectory { directory in
      let listener = Listener()
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory, config: try RunConfig(saveCheckpointsSteps: 2))
        try estimator.train(
          inputFn: { try LinearModel.samples() }, steps: 100, savingListeners: [listener])
      }
      #expect(
        listener.calls == [
          "begin", "before 0", "after 0", "before 2", "after 2", "before 4", "after 4", "end 4",
        ])
      let off = try RunConfig(saveCheckpointsSecs: 0)
      let estimator = try LogLines.hidden { try LinearModel.estimator(directory + "/off", config: off) }
      let text = LogLines.hidden {
        errorText {
          try estimator.train(inputFn: { try LinearModel.samples() }, steps: 1, savingListeners: [listener])
        }
      }
      #expect(text?.hasPrefix("There should be a CheckpointSaverHook to use saving_listeners.") == true)
    }
  }
}

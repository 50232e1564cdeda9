import Espalier
import Testing

@Suite struct MonitoredSessionTests {
  /// A graph with a counter that its node `step` moves.
  private struct Counter {
    let graph = Graph()
    let counter: Variable
    let step: Node

    init() throws {
      (counter, step) = try withGraph(graph) {
        let counter = try createGlobalStep()
        return (counter, counter.assignAdd(constant(Int64(1))).node)
      }
    }
  }

  @Test func hooksLiveThroughTheirCallsInOrder() throws {
    let model = try Counter()
    let record = RecordingHook.Record()
    let hooks = [RecordingHook("a", record), RecordingHook("b", record, stopsAfter: 2)]
    try LogLines.hidden {
      let loop = try MonitoredSession(Session(graph: model.graph), hooks: hooks)
      while !loop.shouldStop { try loop.run(SessionRunArgs(targets: [model.step])) }
      try loop.close()
      #expect(loop.session.globalStep == 2)
    }
    let step = ["a.beforeRun", "b.beforeRun", "a.afterRun", "b.afterRun"]
    #expect(
      record.calls == [
        "a.begin finalized=false", "b.begin finalized=false", "a.afterCreateSession finalized=true",
        "b.afterCreateSession finalized=true",
      ] + step + step + ["a.end", "b.end"])
  }

  @Test func aStepIsOneRunWithEverybodysFetches() throws {
    /// Fetches the counter and feeds a placeholder.
    final class Reader: SessionRunHook {
      let tensor: Tensor
      let feed: Tensor
      var seen: [Double] = []
      init(_ tensor: Tensor, feeding feed: Tensor) { (self.tensor, self.feed) = (tensor, feed) }
      func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
        SessionRunArgs([tensor], feeding: [feed: HostTensor(Float(seen.count))])
      }
      func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
        seen.append(values.number(tensor) ?? .nan)
        #expect(context.globalStep == seen.count)
      }
    }
    let model = try Counter()
    let (fed, doubled) = withGraph(model.graph) {
      let fed = placeholder(.float32, shape: [])
      return (fed, fed * 2)
    }
    try LogLines.hidden {
      let reader = Reader(model.counter.value, feeding: fed)
      let loop = try MonitoredSession(Session(graph: model.graph), hooks: [reader])
      for step in 0..<3 {
        let values = try loop.run(SessionRunArgs([doubled], targets: [model.step]))
        #expect(values.number(doubled) == Double(2 * step))
      }
      #expect(reader.seen == [0, 1, 2], "a step reads the counter as it was before")
      let twice = try MonitoredSession(
        Session(graph: model.graph), hooks: [reader, Reader(doubled, feeding: fed)])
      #expect(errorText { try twice.run(SessionRunArgs()) } == "Same tensor is fed by two hooks.")
    }
  }

  @Test func afterAnErrorNothingEnds() throws {
    struct Failure: Error {}
    final class Failing: SessionRunHook {
      func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws { throw Failure() }
    }
    let model = try Counter()
    let record = RecordingHook.Record()
    try LogLines.hidden {
      let loop = try MonitoredSession(
        Session(graph: model.graph), hooks: [Failing(), RecordingHook("a", record)])
      #expect(throws: Failure.self) { try loop.run(SessionRunArgs(targets: [model.step])) }
    }
    #expect(record.calls.last == "a.beforeRun")
  }

  @Test func mistakesInTheGraphAreThrownBeforeAnythingRuns() throws {
    let model = try Counter()
    withGraph(model.graph) {
      _ = constant([Float(1), 2]) + constant([Float(1), 2, 3])
    }
    LogLines.hidden {
      _ = #expect(throws: GraphError.self) { try MonitoredSession(Session(graph: model.graph)) }
    }
  }

  @Test func scaffoldsSayHowVariablesBegin() throws {
    let model = try Counter()
    let seven = withGraph(model.graph) { model.counter.assign(constant(Int64(7))).node }
    var initialized = 0
    let scaffold = Scaffold(initOps: [seven], initFn: { _ in initialized += 1 })
    try LogLines.hidden {
      let loop = try MonitoredSession(Session(graph: model.graph), scaffold: scaffold)
      #expect(loop.session.globalStep == 7)
    }
    #expect(initialized == 1)
    LogLines.hidden {
      let text = errorText { _ = try MonitoredSession(Session(graph: model.graph), scaffold: Scaffold(initOps: [])) }
      #expect(text?.contains("Variables not initialized: global_step") == true)
    }
  }
}

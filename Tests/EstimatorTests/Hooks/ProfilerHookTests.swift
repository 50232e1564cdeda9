import Espalier
import EspalierFormats
import TestSupport
import Testing

@Suite struct ProfilerHookTests {
  @Test func tracesAreWrittenForChrome() throws {
    try withTemporaryDirectory { directory in
      let traces = directory + "/traces"
      let lines = try LogLines.of {
        let estimator = try LinearModel.estimator(directory)
        let hook = try ProfilerHook(saveSteps: 3, outputDir: traces, showMemory: true)
        try estimator.train(inputFn: { try LinearModel.samples() }, hooks: [hook], steps: 8)
      }
      #expect(try LocalFileSystem().names(inDirectory: traces) == ["timeline-3.json", "timeline-6.json"])
      #expect(lines.contains("Saving timeline for 3 into '\(traces)/timeline-3.json'."))
      let text = String(decoding: try bytes(ofFile: traces + "/timeline-6.json"), as: UTF8.self)
      let events = try #require(try JSONValue(parsing: text)["traceEvents"]?.elements)
      let kernels = events.filter { $0["ph"] == "X" }
      #expect(kernels.count > 3)
      var end = 0.0
      for kernel in kernels {
        let start = try #require(kernel["ts"]?.number)
        let duration = try #require(kernel["dur"]?.number)
        #expect(start >= end && duration >= 0, "one after the other")
        end = start + duration
        #expect(kernel["args"]?["name"]?.text?.isEmpty == false)
      }
      #expect(events.contains { $0["ph"] == "C" })
      #expect(events.count { $0["ph"] == "s" } == events.count { $0["ph"] == "t" })
    }
  }

  @Test func itNeedsACounter() throws {
    let text = LogLines.hidden {
      errorText { _ = try MonitoredSession(Session(graph: Graph()), hooks: [try ProfilerHook(saveSteps: 1)]) }
    }
    #expect(text == "Global step should be created to use ProfilerHook.")
  }
}

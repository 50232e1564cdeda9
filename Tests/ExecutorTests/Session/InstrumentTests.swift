import EspalierExecutor
import EspalierGraph
import Foundation
import Testing

@Suite struct InstrumentTests {
  private let graph = Graph()

  @Test func wordsOfTheEnvironment() {
    let words = [
      "ESPALIER_DEBUG": "plan,nan,nonsense", "ESPALIER_PASSES": "-fuse,-layout", "ESPALIER_THREADS": "3",
      "ESPALIER_DUMP": "/tmp/x",
    ]
    let environment = Environment { words[$0] }
    #expect(environment.debug == [.plan, .nan])
    #expect(environment.disabledPasses == ["fuse", "layout"])
    #expect(environment.threads == 3)
    #expect(environment.dump == "/tmp/x")
    #expect(Environment { $0 == "ESPALIER_THREADS" ? "0" : nil }.threads == nil)
  }

  private func session(_ words: [String: String]) -> Session {
    var configuration = SessionConfiguration()
    configuration.environment = Environment { words[$0] }
    return Session(graph: graph, configuration: configuration)
  }

  @Test func theFirstNodeThatMakesANaNIsNamed() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [3], name: "x")
      return (x, sqrt(log(x + 1, name: "culprit") * 2) + 1)
    }
    let session = session(["ESPALIER_DEBUG": "nan"])
    #expect(try session.run(y, feeding: [x: HostTensor([1, 2, 3] as [Float])]).count == 3)
    let error = #expect(throws: ExecutionError.self) {
      try session.run(y, feeding: [x: HostTensor([1, -1, 3] as [Float])])
    }
    #expect(error?.node == "culprit")
    #expect(error?.site?.location?.file.hasSuffix("InstrumentTests.swift") == true)
  }

  @Test func programsAndTracesAreWritten() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "espalier-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let y = withGraph(graph) {
      let v = getVariable("v", shape: [3], initializer: { _, _ in constant([1, 2, 3] as [Float]) }).variable
      return v.assign(tanh(v.initialValue) + 1)
    }
    let trace = folder.appendingPathComponent("trace.json")
    do {
      let session = session(["ESPALIER_DUMP": folder.path, "ESPALIER_TRACE": trace.path])
      _ = try session.run(y)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("00-built.txt"))
    #expect(files.contains { $0.hasSuffix("fuse.dot") })
    #expect(try String(contentsOf: trace, encoding: .utf8).contains("\"ph\":\"X\""))
  }

  @Test func plansExplainThemselves() throws {
    let (x, w, y) = withGraph(graph) {
      let (x, w) = (placeholder(.float32, shape: [4, 6], name: "x"), placeholder(.float32, shape: [6, 5], name: "w"))
      return (x, w, tanh(matMul(x, w) * 2))
    }
    let text = try Session(graph: graph).plan([y], feeding: [x: ramp([4, 6]), w: ramp([6, 5])]).explain()
    #expect(text.contains("matmul"))
    #expect(text.contains("= Fused[tanh(mul(#0, 2.0))]"))
    #expect(text.contains("2 kernels"))
  }
}

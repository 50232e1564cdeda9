import Espalier
import Testing

/// Summaries that graphs compute.
@Suite struct SummaryTests {
  private func values(_ build: () -> Tensor) throws -> [Summary.Value] {
    let graph = Graph()
    let summary = withGraph(graph, build)
    let bytes = try Session(graph: graph).run(summary).strings()
    // The node has the name of the tag, and comes back from a file.
    #expect(
      try Graph().importGraphDef(try graph.graphDef(), prefix: "").tensor(named: summary.name).dataType == .string)
    return try Summary(serialized: bytes[0]).values
  }

  @Test func imagesAreShownAsPNG() throws {
    let pixels = try HostTensor((0..<2 * 3 * 4 * 3).map { UInt8($0) }, shape: [2, 3, 4, 3])
    let found = try values { nameScope("input") { Summaries.image("images", constant(pixels), maxOutputs: 6) } }
    #expect(try found == Summary.Value.images("input/images", pixels, maxOutputs: 6))
    #expect(found.map(\.tag) == ["input/images/image/0", "input/images/image/1"])
    let one = try values { Summaries.image("images", constant(pixels), maxOutputs: 1) }
    #expect(one.map(\.tag) == ["images/image"])
  }

  @Test func textsAreForTheirPlugin() throws {
    let found = try values { Summaries.text("note", constant(HostTensor("**bold**"))) }
    #expect(found == [.text("note", "**bold**")])
  }

  @Test func mistakesAreNamed() {
    let graph = Graph()
    withGraph(graph) {
      Summaries.image("flat", zeros([2, 3]))
      Summaries.image("odd", zeros([1, 2, 2, 5]))
      Summaries.text("number", constant(1 as Float))
      Summaries.image("none", zeros([1, 2, 2, 1]), maxOutputs: 0)
    }
    #expect(graph.diagnostics.count == 4)
    #expect(graph.collection(.summaries, of: Tensor.self).isEmpty)
  }
}

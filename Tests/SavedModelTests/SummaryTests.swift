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

  /// The files are those of TensorFlow 2.15.
  @Test func soundsAreHeardAsWAV() throws {
    func file(_ rate: [UInt8], _ channels: UInt8, _ samples: [UInt8]) -> [UInt8] {
      Array("RIFF".utf8) + [44, 0, 0, 0] + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, channels, 0] + rate
        + [2 * channels, 0, 16, 0] + Array("data".utf8) + [8, 0, 0, 0] + samples
    }
    let samples = try HostTensor([0, 0.5, -1, 1, 0.1, -0.1, 2, -3] as [Float], shape: [2, 4])
    let found = try values { Summaries.audio("snd", constant(samples), sampleRate: 8000) }
    let slow: [UInt8] = [64, 31, 0, 0, 128, 62, 0, 0]
    let files = [
      file(slow, 1, [0, 0, 0, 64, 0, 128, 255, 127]), file(slow, 1, [205, 12, 51, 243, 255, 127, 0, 128]),
    ]
    #expect(
      found
        == files.enumerated().map { index, file in
          Summary.Value(
            tag: "snd/audio/\(index)",
            content: .audio(
              .init(sampleRate: 8000, channels: 1, frames: 4, encoded: file, contentType: "audio/wav")))
        })
    let stereo = try values {
      let samples = constant([0, 0.5, -1, 1] as [Float], shape: [1, 2, 2])
      return Summaries.audio("one", samples, sampleRate: 44_100, maxOutputs: 1)
    }
    let fast = file([68, 172, 0, 0, 16, 177, 2, 0], 2, [0, 0, 0, 64, 0, 128, 255, 127])
    let audio = Summary.Audio(sampleRate: 44_100, channels: 2, frames: 2, encoded: fast, contentType: "audio/wav")
    #expect(stereo == [Summary.Value(tag: "one/audio", content: .audio(audio))])
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
      Summaries.audio("point", zeros([3]), sampleRate: 8000)
    }
    #expect(graph.diagnostics.count == 5)
    #expect(graph.collection(.summaries, of: Tensor.self).isEmpty)
  }
}

import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct SummaryTests {
  @Test func histogramsCountEveryValueOnce() throws {
    let values = (-500...500).map { Double($0) * 0.37 } + [1e30, -1e30, 1e-30, .greatestFiniteMagnitude]
    let histogram = Histogram(of: values)
    #expect(histogram.count == Double(values.count))
    #expect(histogram.buckets.reduce(0, +) == Double(values.count))
    #expect(zip(histogram.bucketLimits, histogram.bucketLimits.dropFirst()).allSatisfy { $0 < $1 })
    #expect(histogram.minimum == -1e30 && histogram.maximum == .greatestFiniteMagnitude)
    // Empty buckets next to each other are one.
    #expect(!zip(histogram.buckets, histogram.buckets.dropFirst()).contains { $0 == 0 && $1 == 0 })
  }

  @Test func oddHistogramsAreRefused() {
    #expect { try Summary.Value.histogram("w", HostTensor([1, Float.nan])) } throws: { error in
      (error as? FormatError)?.message == "Nan in summary histogram for: w"
    }
    #expect { try Summary.Value.histogram("w", HostTensor([1, -Float.infinity])) } throws: { error in
      (error as? FormatError)?.message == "Infinity in summary histogram for: w"
    }
    #expect(throws: FormatError.self) { try Summary.Value.histogram("w", HostTensor("text")) }
  }

  /// The file of an image holds its pixels, whether compressed or not.
  @Test func imagesHoldTheirPixels() throws {
    let pixels = (0..<2 * 100 * 300 * 3).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let values = try Summary.Value.images("i", HostTensor(pixels, shape: [2, 100, 300, 3]), maxOutputs: 5)
    #expect(values.map(\.tag) == ["i/image/0", "i/image/1"])
    for (index, value) in values.enumerated() {
      guard case .image(let image) = value.content else {
        Issue.record("no image")
        continue
      }
      #expect((image.height, image.width, image.colorspace) == (100, 300, 3))
      #expect(image.encoded.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      let lines = try Self.lines(image.encoded)
      #expect(lines.count == 100 * 901)
      for line in 0..<100 {
        let start = (index * 100 + line) * 900
        #expect(lines[line * 901] == 0)
        #expect(lines[(line * 901 + 1)..<((line + 1) * 901)] == pixels[start..<start + 900])
      }
    }
  }

  @Test func oddImagesAreRefused() throws {
    for tensor in [
      HostTensor(zeros: .uint8, shape: [2, 3, 3]), HostTensor(zeros: .uint8, shape: [1, 3, 3, 2]),
      HostTensor(zeros: .int32, shape: [1, 3, 3, 1]),
    ] {
      #expect(throws: FormatError.self) { try Summary.Value.images("i", tensor) }
    }
    let one = try Summary.Value.images("i", HostTensor(zeros: .uint8, shape: [4, 1, 1, 1]), maxOutputs: 1)
    #expect(one.map(\.tag) == ["i/image"])
  }

  /// Returns the decompressed data of a PNG's only data chunk.
  static func lines(_ png: [UInt8]) throws -> [UInt8] {
    let start = 8 + 25
    let count = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    #expect(png[(start + 4)..<(start + 8)] == Array("IDAT".utf8)[...])
    let stream = Array(png[(start + 8)..<(start + 8 + count)])
    let source = try MemorySource(stream, file: "IDAT").decompressed(.zlib)
    return try BufferedInput(source).read(.max)
  }
}

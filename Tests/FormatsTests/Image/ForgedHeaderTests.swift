import EspalierGraph
import Foundation
import TestSupport
import Testing

@testable import EspalierFormats

/// Headers that claim more pixels than a file holds are found out before there is memory for them.
@Suite struct ForgedHeaderTests {
  private static func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  /// Returns a PNG with other extents in its header, whose checksum is right.
  private static func forged(png: [UInt8], height: Int, width: Int) -> [UInt8] {
    var result = png
    result.replaceSubrange(16..<24, with: bigEndian(width, 4) + bigEndian(height, 4))
    result.replaceSubrange(29..<33, with: bigEndian(Int(CRC32.extend(0, result[12..<29])), 4))
    return result
  }

  /// Returns a JPEG with other extents in its header.
  private static func forged(jpeg: [UInt8], height: Int, width: Int) throws -> [UInt8] {
    var result = jpeg
    let start = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && [0xC0, 0xC2].contains(jpeg[$0 + 1]) })
    result.replaceSubrange(start + 5..<start + 9, with: bigEndian(height, 2) + bigEndian(width, 2))
    return result
  }

  private static func jpeg(isProgressive: Bool) throws -> [UInt8] {
    var options = JPEGOptions()
    options.isProgressive = isProgressive
    return try encodeJPEG(EncodeJPEGTests.image(height: 60, width: 70), options)
  }

  #if os(Linux)
    /// Returns the most memory that this process had, in bytes.
    private static func peak() throws -> Int {
      let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
      let words = lines.first { $0.hasPrefix("VmHWM") }?.split(separator: " ") ?? []
      return 1024 * (words.count > 1 ? Int(words[1]) ?? 0 : 0)
    }

    @Test(.enabled(if: ImageLibraries.all, "libturbojpeg or libpng is not installed"))
    func tinyFilesWithHugeHeadersTakeNoMemory() async {
      await #expect(processExitsWith: .success) {
        let image = try EncodeJPEGTests.image(height: 60, width: 70)
        let plain = [try encodePNG(image), try Self.jpeg(isProgressive: false), try Self.jpeg(isProgressive: true)]
        for file in plain { _ = try decodeImage(file) }
        // Extents that no file of this size can have, and such as one could.
        for side in [60_000, 1500] {
          let before = try Self.peak()
          let files =
            [
              Self.forged(png: plain[0], height: side, width: side),
              try Self.forged(jpeg: plain[1], height: side, width: side),
              try Self.forged(jpeg: plain[2], height: side, width: side),
              Array("P6 \(side) \(side) 255\n123".utf8),
              Array("GIF89a".utf8) + [96, 234, 96, 234, 0x80, 0, 0, 9, 8, 7, 0, 0, 0, 0x2C, 0, 0, 0, 0]
                + Self.bigEndian(side, 2).reversed() + Self.bigEndian(side, 2).reversed() + [0, 2, 2, 76, 1, 0, 0x3B],
            ]
          for file in files {
            #expect(throws: FormatError.self, "\(file.prefix(4)) of \(side)") { try decodeImage(file) }
          }
          let grown = try Self.peak() - before
          #expect(grown < 8 << 20, "\(grown) bytes were taken")
        }
      }
    }
  #endif

  @Test(.enabled(if: ImageLibraries.all, "libturbojpeg or libpng is not installed"))
  func largeImagesOfSmallFilesAreRead() throws {
    let image = HostTensor(zeros: .uint8, shape: [1601, 1603, 3])
    #expect(Pixels.isDoubtful(memory: 2 * image.count, size: 1 << 10))
    #expect(try decodeImage(encodePNG(image)) == image)
    for isProgressive in [false, true] {
      var options = JPEGOptions()
      options.isProgressive = isProgressive
      let file = try encodeJPEG(image, options)
      #expect(try decodeImage(file) == image)
      try JPEGBlocks.verify(file, file: "image")
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "there is no reference data here"))
  func realImagesHoldWhatTheyClaim() throws {
    var counted = 0
    for (name, entry) in try JSON.shared("golden/jpeg/expected.json")["files"].object {
      guard try entry.object["pixels"]?.string != nil else { continue }
      let bytes = try SharedData.bytes("golden/jpeg/" + name)
      let verify = name.hasSuffix(".png") ? PNGRows.verify : JPEGBlocks.verify
      try verify(bytes, name)
      counted += 1
    }
    #expect(counted > 20)
  }

  @Test func interlacedRowsAreCounted() throws {
    // 5 x 3 pixels of 8 bits in seven passes: 1 2 · 1 3 2 5 bytes, each row with its filter.
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + "IHDR".utf8
    file += [0, 0, 0, 5, 0, 0, 0, 3, 8, 0, 0, 0, 1, 0, 0, 0, 0]
    func image(_ count: Int) -> [UInt8] {
      let body = Deflate.zlib([UInt8](repeating: 0, count: count))
      return file + Self.bigEndian(body.count, 4) + "IDAT".utf8 + body + [0, 0, 0, 0]
    }
    let needed = (1 + 1) + (1 + 1) + 0 + (1 + 1) + (1 + 3) + 2 * (1 + 2) + (1 + 5)
    try PNGRows.verify(image(needed), file: "image")
    #expect(throws: FormatError.self) { try PNGRows.verify(image(needed - 1), file: "image") }
  }
}

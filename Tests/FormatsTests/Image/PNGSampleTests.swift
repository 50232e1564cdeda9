import EspalierGraph
import Testing

@testable import EspalierFormats

/// PNG files of 16 bits a channel, and channels that a file does not have. Pixels are those of `tf.io.decode_png`.
@Suite(.enabled(if: (try? PNGLibrary.shared()) != nil, "libpng is not installed"))
struct PNGSampleTests {
  /// Returns the file of an image; `rows` begin with the numbers of their filters.
  private func png(
    _ height: Int, _ width: Int, bits: UInt8, colors: UInt8, _ rows: [UInt8], transparent: [UInt8] = [],
    isInterlaced: Bool = false
  ) -> [UInt8] {
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      let named = Array(name.utf8) + data
      return UInt32(data.count).bigEndianBytes + named + CRC32.extend(0, named).bigEndianBytes
    }
    let header =
      UInt32(width).bigEndianBytes + UInt32(height).bigEndianBytes
      + [bits, colors, 0, 0, isInterlaced ? 1 : 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + (transparent.isEmpty ? [] : chunk("tRNS", transparent)) + chunk("IDAT", Deflate.zlib(rows))
      + chunk("IEND", [])
  }

  private func words(_ numbers: [UInt16]) -> [UInt8] { numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }

  private func wide(_ file: [UInt8], _ channels: Int? = nil) throws -> [UInt16] {
    try decodeImage(file, channels: channels, dataType: .uint16).scalars(as: UInt16.self)
  }

  private func narrow(_ file: [UInt8], _ channels: Int? = nil) throws -> [UInt8] {
    try decodeImage(file, channels: channels).scalars(as: UInt8.self)
  }

  private func gray() -> [UInt8] {
    png(2, 3, bits: 16, colors: 0, [0] + words([0, 1000, 20000]) + [1] + words([40000, 65535, 258]))
  }

  @Test func grayIsRead() throws {
    #expect(try wide(gray()) == [0, 1000, 20000, 40000, 39743, 40001])
    #expect(try narrow(gray()) == [0, 3, 78, 156, 155, 156])
    #expect(try decodeImage(gray(), dataType: .uint16).shape == [2, 3, 1])
    #expect(try wide(gray(), 3)[3..<9] == [1000, 1000, 1000, 20000, 20000, 20000])
    #expect(try wide(gray(), 4)[4..<8] == [1000, 1000, 1000, 65535])
  }

  @Test func coloursAreWeighed() throws {
    let file = png(1, 2, bits: 16, colors: 2, [2] + words([0, 1000, 20000, 40000, 65535, 258]))
    #expect(try wide(file) == [0, 1000, 20000, 40000, 65535, 258])
    #expect(try wide(file, 1) == [2868, 50456])
    #expect(try narrow(file, 1) == [11, 197])
    #expect(try wide(file, 4) == [0, 1000, 20000, 65535, 40000, 65535, 258, 65535])
    let bytes = png(1, 2, bits: 8, colors: 2, [0, 10, 200, 30, 255, 1, 2])
    #expect(try narrow(bytes, 1) == [123, 77])
    #expect(try wide(bytes) == [2570, 51400, 7710, 65535, 257, 514])
    #expect(try wide(bytes, 1) == [31611, 19789])
  }

  @Test func alphaThatIsNotAskedForIsLeftOut() throws {
    let rows = [0] + words([60000, 30000, 1000, 32768]) + [4] + words([1, 2, 3, 65535])
    let file = png(2, 1, bits: 16, colors: 6, rows)
    #expect(try wide(file) == [60000, 30000, 1000, 32768, 60001, 30002, 1003, 32767])
    #expect(try narrow(file) == [234, 117, 3, 128, 234, 117, 3, 127])
    #expect(try wide(file, 3) == [60000, 30000, 1000, 60001, 30002, 1003])
    #expect(try wide(file, 1) == [35662, 35664] && narrow(file, 1) == [139, 139])
    let bytes = png(1, 1, bits: 8, colors: 6, [0, 200, 100, 50, 128])
    #expect(try narrow(bytes, 3) == [200, 100, 50] && narrow(bytes, 1) == [124])
    #expect(try wide(bytes) == [51400, 25700, 12850, 32896])
    let grayAlpha = png(1, 1, bits: 8, colors: 4, [0, 200, 128])
    #expect(try narrow(grayAlpha) == [200, 128] && narrow(grayAlpha, 1) == [200])
    #expect(try narrow(grayAlpha, 3) == [200, 200, 200] && narrow(grayAlpha, 4) == [200, 200, 200, 128])
    let wideAlpha = png(1, 1, bits: 16, colors: 4, [0] + words([50000, 20000]))
    #expect(try wide(wideAlpha) == [50000, 20000] && wide(wideAlpha, 4) == [50000, 50000, 50000, 20000])
  }

  @Test func aTransparentColourIsAlphaWhereItIsAskedFor() throws {
    let file = png(1, 2, bits: 16, colors: 0, [0] + words([1000, 2000]), transparent: words([1000]))
    #expect(try wide(file) == [1000, 2000])
    #expect(try wide(file, 4) == [1000, 1000, 1000, 0, 2000, 2000, 2000, 65535])
    let bytes = png(1, 2, bits: 8, colors: 0, [0, 7, 9], transparent: [0, 7])
    #expect(try narrow(bytes) == [7, 9] && narrow(bytes, 4) == [7, 7, 7, 0, 9, 9, 9, 255])
  }

  @Test(arguments: [1, 2, 3, 4]) func sixteenBitsComeBack(channels: Int) throws {
    let pixels = (0..<5 * 7 * channels).map { UInt16(truncatingIfNeeded: $0 * 9973) }
    let image = try HostTensor(pixels, shape: [5, 7, channels])
    for compression in [-1, 0, 9] {
      let file = try encodePNG(image, compression: compression)
      #expect(try decodeImage(file, dataType: .uint16) == image)
    }
    let file = try encodePNG(image)
    for count in file.indices {
      #expect(throws: FormatError.self) { try decodeImage(Array(file[..<count]), dataType: .uint16) }
    }
    let error = #expect(throws: FormatError.self) { try encodePNG(image, compression: 10) }
    #expect(error?.message == "compression should be in [-1,9], got 10")
  }

  /// Seven passes over 5 x 3 pixels, in the order in which the file has them.
  @Test func interlacedFilesAreRead() throws {
    let passes: [[[UInt16]]] = [
      [[0]], [[4]], [], [[2]], [[20, 22, 24]], [[1, 3], [21, 23]], [[10, 11, 12, 13, 14]],
    ]
    let rows: [UInt8] = passes.joined().reduce(into: []) { $0 += [0] + words($1) }
    let file = png(3, 5, bits: 16, colors: 0, rows, isInterlaced: true)
    #expect(try wide(file) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24])
  }

  @Test func damageIsFound() throws {
    var broken = gray()
    broken[45] ^= 1
    #expect(throws: FormatError.self) { try decodeImage(broken, dataType: .uint16) }
    let filter = png(1, 1, bits: 16, colors: 0, [9] + words([7]))
    #expect(throws: FormatError.self) { try decodeImage(filter, dataType: .uint16) }
    let short = png(3, 3, bits: 16, colors: 0, [0] + words([7]))
    #expect(throws: FormatError.self) { try decodeImage(short, dataType: .uint16) }
    let error = #expect(throws: FormatError.self) { try decodeImage(gray(), dataType: .int32) }
    #expect(error?.message == "`dtype` must be uint8 or uint16, got int32")
  }
}

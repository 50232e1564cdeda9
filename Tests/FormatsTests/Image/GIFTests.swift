import EspalierFormats
import EspalierGraph
import Foundation
import Testing

/// The pixels are those that `tf.io.decode_gif` gives for the same files.
@Suite struct GIFTests {
  /// Three frames of 4 x 3: whole, a part with transparency and a disposal method, one pixel that is not transparent.
  static let animation = file(
    """
    R0lGODlhBAADAIEAAAAAAP8AAAD/AAoUHiwAAAAABAADAAACBUQ0hjoFACH5BAkFAAIALAEAAQACAAIAAAIDjBYFACH5BAEFAAAALAAAAAAEAAMAAAIE
    hI8wBQA7
    """)
  /// One frame of 3 x 10, interlaced.
  static let interlaced = file("R0lGODlhAwAKAIEAAAAAAP8AAAD/AAoUHiwAAAAAAwAKAEACCoR/ohs938IbsQAAOw==")
  /// A frame that does not fill the image, and one with a palette of its own that is cut off.
  static let parts = file(
    """
    R0lGODlhCQAJAIEAAAAAAP8AAAD/AAoUHiwBAAEAAgACAAACA4wWBQAsAAAAAAEAAwCBChQeAP8A/wAAAAAAAgKMVgA7
    """)

  private static func file(_ text: String) -> [UInt8] {
    [UInt8](Data(base64Encoded: text.filter { !$0.isWhitespace }) ?? Data())
  }

  private static let palette: [[UInt8]] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [10, 20, 30]]

  /// Expects frames of these indices of the palette.
  private func expect(_ bytes: [UInt8], shape: [Int], _ indices: [Int]) throws {
    let image = try decodeImage(bytes)
    #expect(image.shape == shape)
    let pixels = try image.scalars(as: UInt8.self)
    #expect(pixels == indices.flatMap { Self.palette[$0] })
  }

  @Test func framesAreDrawnOverOneAnother() throws {
    let first = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
    let second = [0, 1, 2, 3, 0, 1, 2, 3, 0, 3, 1, 3]
    try expect(Self.animation, shape: [3, 3, 4, 3], first + second + second)
    let one = try decodeImage(Self.animation, channels: 3, expandAnimations: false)
    #expect(one.shape == [3, 4, 3])
  }

  @Test func interlacedRowsComeIntoOrder() throws {
    try expect(Self.interlaced, shape: [1, 10, 3, 3], (0..<30).map { $0 / 3 % 4 })
  }

  @Test func imagesAreAsLargeAsTheLargestFrame() throws {
    try expect(Self.parts, shape: [2, 3, 2, 3], [0, 0, 0, 1, 0, 3, 2, 0, 1, 1, 0, 3])
  }

  @Test func longCodesAreRead() throws {
    // 2000 pixels of one colour: codes 0, 258, 259, … that each stand for one pixel more; then the end.
    var codes: [UInt8] = []
    var (bits, count, size, next) = (0, 0, 9, 258)
    func emit(_ code: Int) {
      bits |= code << count
      count += size
      while count >= 8 {
        codes.append(UInt8(bits & 255))
        bits >>= 8
        count -= 8
      }
    }
    emit(256)
    emit(0)
    for _ in 1..<63 {
      emit(next)
      next += 1
      if next == 1 << size { size += 1 }
    }
    emit(257)
    codes.append(UInt8(bits & 255))
    var file = Array("GIF89a".utf8) + [63, 0, 32, 0, 0x80, 0, 0, 9, 8, 7, 0, 0, 0]
    file += [0x2C, 0, 0, 0, 0, 63, 0, 32, 0, 0, 8, UInt8(codes.count)] + codes + [0, 0x3B]
    let pixels = try decodeImage(file).scalars(as: UInt8.self)
    #expect(pixels.count == 63 * 32 * 3)
    #expect(stride(from: 0, to: pixels.count, by: 3).allSatisfy { pixels[$0..<$0 + 3].elementsEqual([9, 8, 7]) })
  }

  @Test func damagedFilesAreRefused() throws {
    for file in [Self.animation, Self.interlaced, Self.parts] {
      // The trailer is all that may be missing.
      let whole = try decodeImage(Array(file.dropLast()))
      #expect(whole == (try decodeImage(file)))
    }
    for count in Self.interlaced.indices.dropLast() {
      #expect(throws: FormatError.self) { try decodeImage(Array(Self.interlaced[..<count])) }
    }
    let gray = #expect(throws: FormatError.self) { try decodeImage(Self.animation, channels: 1) }
    #expect(gray?.message == "channels must be 0 or 3 for GIF, got 1")
    var colorless = Self.interlaced
    colorless[10] = 0
    colorless.removeSubrange(13..<25)
    let error = #expect(throws: FormatError.self) { try decodeImage(colorless) }
    #expect(error?.message.contains("missing color map for frame 0") == true)
  }
}

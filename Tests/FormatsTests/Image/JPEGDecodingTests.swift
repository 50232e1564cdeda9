import EspalierGraph
import Testing

@testable import EspalierFormats

/// How JPEG files are decoded and written. Sums, first pixels and sizes are those of TensorFlow 2.15, whose libjpeg-turbo
/// gives the same bits.
@Suite(.enabled(if: ImageLibraries.writeJPEG, "libturbojpeg is not installed"))
struct JPEGDecodingTests {
  private func options(_ change: (inout JPEGDecoding) -> Void) -> JPEGDecoding {
    var result = JPEGDecoding()
    change(&result)
    return result
  }

  /// Returns the sum of all numbers and the first pixel.
  private func summary(
    _ file: [UInt8], _ change: (inout JPEGDecoding) -> Void = { _ in }
  ) throws -> (shape: [Int], sum: Int, first: [UInt8]) {
    let image = try decodeImage(file, jpeg: options(change))
    let pixels = try image.scalars(as: UInt8.self)
    return (image.shape, pixels.reduce(0) { $0 + Int($1) }, Array(pixels.prefix(3)))
  }

  private func file(_ change: (inout JPEGOptions) -> Void = { _ in }) throws -> [UInt8] {
    var options = JPEGOptions()
    change(&options)
    return try encodeJPEG(EncodeJPEGTests.image(height: 24, width: 40), options)
  }

  @Test func transformsAndUpscalingAreThoseOfTheLibrary() throws {
    let jpeg = try file()
    #expect(jpeg.count == 1278)
    #expect(try summary(jpeg) == ([24, 40, 3], 509_237, [130, 167, 209]))
    #expect(try summary(jpeg) { $0.isFast = true } == ([24, 40, 3], 506_893, [128, 168, 204]))
    #expect(try summary(jpeg) { $0.interpolatesColors = false } == ([24, 40, 3], 509_296, [130, 167, 209]))
    let both = try summary(jpeg) { ($0.isFast, $0.interpolatesColors) = (true, false) }
    #expect(both == ([24, 40, 3], 506_937, [128, 168, 204]))
  }

  @Test func imagesAreScaledDown() throws {
    let jpeg = try file()
    #expect(try summary(jpeg) { $0.ratio = 2 } == ([12, 20, 3], 127_339, [132, 169, 211]))
    #expect(try summary(jpeg) { ($0.ratio, $0.isFast) = (2, true) } == ([12, 20, 3], 127_089, [131, 171, 207]))
    #expect(try summary(jpeg) { ($0.ratio, $0.isFast) = (4, true) } == ([6, 10, 3], 31_821, [137, 176, 217]))
    #expect(try summary(jpeg) { ($0.ratio, $0.isFast) = (8, true) } == ([3, 5, 3], 7_963, [146, 186, 185]))
    let error = #expect(throws: FormatError.self) { try summary(jpeg) { $0.ratio = 3 } }
    #expect(error?.message == "ratio must be 1, 2, 4, or 8, got 3")
    let small = try encodeJPEG(EncodeJPEGTests.image(height: 3, width: 3))
    let refusal = #expect(throws: FormatError.self) { try summary(small) { $0.ratio = 2 } }
    #expect(refusal?.message == "JPEG: libturbojpeg cannot scale 3x3 pixels down by 2")
  }

  @Test func filesThatEndEarlyAreRecoveredIfAskedFor() throws {
    let whole = try file()
    let cut = Array(whole.prefix(766))
    #expect(throws: FormatError.self) { try decodeImage(cut) }
    let recovered = try decodeImage(cut, jpeg: options { $0.recoversTruncated = true })
    #expect(recovered.shape == [24, 40, 3])
    let (found, expected) = try (recovered.scalars(as: UInt8.self), decodeImage(whole).scalars(as: UInt8.self))
    // The first blocks are there; after the last the library makes gray of its own.
    for row in 0..<14 {
      let start = row * 120
      #expect(found[start..<start + 42] == expected[start..<start + 42])
    }
    #expect(found.suffix(120).allSatisfy { $0 == 128 })
    // Not one whole row of blocks is there.
    for fraction in [0.3, 0.9] as [Float] {
      #expect(throws: FormatError.self) { try decodeImage(cut, jpeg: options { $0.acceptableFraction = fraction }) }
    }
  }

  @Test func aPartOfTheLinesCanBeEnough() throws {
    let whole = try encodeJPEG(EncodeJPEGTests.image(height: 64, width: 40))
    let cut = Array(whole.dropLast(whole.count / 4))
    let lines = try JPEGBlocks.lines(cut, interpolates: true, file: "cut")
    // Of whole rows of blocks, 16 lines high, the last two wait for what is below.
    #expect(lines.all == 64 && [14, 30, 46].contains(lines.there))
    let expected = try decodeImage(whole).scalars(as: UInt8.self)
    let half = Float(lines.there) / 64
    let found = try decodeImage(cut, jpeg: options { $0.acceptableFraction = half }).scalars(as: UInt8.self)
    let there = lines.there * 40 * 3
    #expect(found[..<there] == expected[..<there])
    #expect(found[there...].allSatisfy { $0 == 0 })
    #expect(throws: FormatError.self) {
      try decodeImage(cut, jpeg: options { $0.acceptableFraction = half + 0.1 })
    }
  }

  @Test func codesAreMadeForTheImage() throws {
    let plain = try file()
    let small = try file { $0.optimizesSize = true }
    #expect(small.count == 953)
    #expect(try decodeImage(small) == decodeImage(plain))
    let progressive = try file { $0.isProgressive = true }
    #expect(progressive.count == 1170)
    #expect(try file { ($0.isProgressive, $0.optimizesSize) = (true, true) } == progressive)
    for channels in [1, 3] {
      for quality in [5, 60, 100] {
        var options = JPEGOptions()
        (options.quality, options.optimizesSize, options.downsamplesChroma) = (quality, true, false)
        let image = try EncodeJPEGTests.image(height: 61, width: 83, channels: channels)
        let optimized = try encodeJPEG(image, options)
        options.optimizesSize = false
        let standard = try encodeJPEG(image, options)
        #expect(optimized.count < standard.count)
        #expect(try decodeImage(optimized) == decodeImage(standard))
      }
    }
    #expect(throws: FormatError.self) { try JPEGRecoding.optimized(progressive) }
    #expect(throws: FormatError.self) { try JPEGRecoding.optimized(Array(plain.prefix(700))) }
  }

  @Test func bytesOfAJPEGAreTheUpperOnesOfWords() throws {
    let image = try HostTensor([UInt8](repeating: 200, count: 192), shape: [8, 8, 3])
    var options = JPEGOptions()
    options.quality = 100
    let wide = try decodeImage(encodeJPEG(image, options), dataType: .uint16)
    #expect(try wide.scalars(as: UInt16.self).allSatisfy { $0 == 51_200 })
  }
}

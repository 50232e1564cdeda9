import EspalierGraph
import Testing

@testable import EspalierFormats

/// What is installed.
enum ImageLibraries {
  static let writeJPEG = (try? JPEGCompressor.shared()) != nil
  static let all = writeJPEG && (try? PNGLibrary.shared()) != nil
}

/// Error texts and headers are those of `tf.io.encode_jpeg`.
@Suite(.enabled(if: ImageLibraries.writeJPEG, "libturbojpeg is not installed"))
struct EncodeJPEGTests {
  /// A wave of colours.
  static func image(height: Int, width: Int, channels: Int = 3) throws -> HostTensor {
    let pixels = (0..<height * width * channels).map { index in
      let (place, channel) = (index / channels, index % channels)
      return UInt8(128 + (place % width * 3 + place / width * 2 + channel * 40) % 100)
    }
    return try HostTensor(pixels, shape: [height, width, channels])
  }

  private func options(_ change: (inout JPEGOptions) -> Void) -> JPEGOptions {
    var result = JPEGOptions()
    change(&result)
    return result
  }

  /// Returns the mean distance between an image and its copy.
  private func distance(_ image: HostTensor, _ options: JPEGOptions) throws -> Double {
    let copy = try decodeImage(encodeJPEG(image, options))
    #expect(copy.shape == image.shape)
    let pairs = try zip(image.scalars(as: UInt8.self), copy.scalars(as: UInt8.self))
    return pairs.reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(image.count)
  }

  @Test(arguments: [1, 3])
  func imagesComeBackAlmostAsTheyWere(channels: Int) throws {
    let image = try Self.image(height: 33, width: 50, channels: channels)
    let fine = try distance(image, options { ($0.quality, $0.downsamplesChroma) = (100, false) })
    let coarse = try distance(image, options { $0.quality = 10 })
    #expect(fine < 1 && coarse < 30 && coarse > 2 * fine)
    let progressive = try distance(image, options { $0.isProgressive = true })
    let plain = try distance(image, JPEGOptions())
    #expect(progressive == plain)
  }

  @Test func headersSayDensityAndMetadata() throws {
    let image = try Self.image(height: 9, width: 17)
    let plain = try encodeJPEG(image)
    let header = [255, 216, 255, 224, 0, 16] + Array("JFIF\0".utf8) + [1, 1, 1, 1, 44, 1, 44, 0, 0]
    #expect(Array(plain.prefix(20)) == header)
    let dense = try encodeJPEG(image, options { ($0.densityUnit, $0.xDensity, $0.yDensity) = (.centimeter, 7, 300) })
    #expect(Array(dense[13..<18]) == [2, 0, 7, 1, 44])
    let marked = try encodeJPEG(image, options { $0.xmpMetadata = "<x/>" })
    #expect(marked[20..<57].elementsEqual([255, 225, 0, 35] + "http://ns.adobe.com/xap/1.0/\0<x/>".utf8))
    let copies = try [marked, plain].map { try decodeImage($0) }
    #expect(copies[0] == copies[1])
  }

  @Test func wrongArgumentsAreRefused() throws {
    func message(_ shape: [Int], _ options: JPEGOptions = JPEGOptions()) -> String? {
      #expect(throws: FormatError.self) { try encodeJPEG(HostTensor(zeros: .uint8, shape: shape), options) }?.message
    }
    #expect(message([2, 2]) == "image must be 3-dimensional[2,2]")
    #expect(message([2, 2, 4]) == "image must have 1 or 3 channels, got [2,2,4]")
    let gray = options { $0.format = .grayscale }
    #expect(message([9, 17, 3], gray) == "format grayscale expects 1 channels, got [9,17,3]")
    #expect(message([2, 2, 1], options { $0.format = .rgb }) == "format rgb expects 3 channels, got [2,2,1]")
    #expect(message([2, 2, 3], options { $0.quality = 101 }) == "quality must be in [0,100], got 101")
    #expect(message([0, 2, 3])?.hasPrefix("JPEG encoding failed") == true)
  }
}

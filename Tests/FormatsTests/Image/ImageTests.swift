import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct ImageTests {
  @Test(
    .enabled(if: SharedData.isPresent, "there is no reference data here"),
    .enabled(if: SystemLibraries.hasJPEG && SystemLibraries.hasPNG, "libturbojpeg or libpng is not installed"))
  func goldenImagesHaveTheExpectedPixels() throws {
    let folder = "golden/jpeg/"
    var compared = 0
    for (name, entry) in try JSON.shared(folder + "expected.json")["files"].object {
      let bytes = try SharedData.bytes(folder + name)
      guard let pixels = try entry.object["pixels"]?.string else {
        #expect(throws: FormatError.self, "\(name)") { try decodeImage(bytes) }
        continue
      }
      let shape = try entry["shape"].array.map { try $0.int }
      let found = try decodeImage(bytes, channels: shape[2], file: name)
      #expect(found.shape == shape, "\(name)")
      let expected = try SharedData.bytes(folder + pixels)
      let worst = try zip(found.scalars(as: UInt8.self), expected).map { abs(Int($0) - Int($1)) }.max()
      #expect(worst == 0, "\(name): \(worst ?? -1)")
      if let gray = try entry.object["gray"]?.string {
        let luminance = try decodeImage(bytes, channels: 1).scalars(as: UInt8.self)
        let expected = try SharedData.bytes(folder + gray)
        #expect(luminance == expected, "\(name) in gray")
      }
      compared += 1
    }
    #expect(compared > 20)
  }

  @Test(.enabled(if: SystemLibraries.hasPNG, "libpng is not installed"), arguments: [1, 2, 3, 4])
  func pngComesBackAsItWas(channels: Int) throws {
    let pixels = (0..<5 * 7 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let image = try HostTensor(pixels, shape: [5, 7, channels])
    let bytes = try encodePNG(image)
    let found = try decodeImage(bytes)
    #expect(found == image)
    for count in bytes.indices.dropLast(12) {
      #expect(throws: FormatError.self) { try decodeImage(Array(bytes[..<count])) }
    }
  }

  @Test func aMissingLibraryNamesItsPackage() {
    let error = #expect(throws: FormatError.self) {
      try DynamicLibrary(names: ["libnone.so.9"], package: "libnone9", disabledBy: "ESPALIER_NOTHING")
    }
    #expect(error?.kind == .unavailable && error?.message.contains("install the package libnone9") == true)
  }

  @Test func portableImagesAreRead() throws {
    let text = try decodeImage(Array("P3 # two pixels\n2 1\n255\n1 2 3 255 254 253".utf8))
    #expect(text.shape == [1, 2, 3])
    let colors = try text.scalars(as: UInt8.self)
    #expect(colors == [1, 2, 3, 255, 254, 253])
    let gray = try decodeImage(Array("P5\n2 1 15\n".utf8) + [0, 15], channels: 3)
    let levels = try gray.scalars(as: UInt8.self)
    #expect(levels == [0, 0, 0, 255, 255, 255])
    #expect(throws: FormatError.self) { try decodeImage(Array("P6\n2 2 255\n123".utf8)) }
  }

  @Test func bitmapsAreReadFromTheBottom() throws {
    var file: [UInt8] = [0x42, 0x4D, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]
    file += [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
    file += [1, 2, 3, 0, 4, 5, 6, 0]
    let image = try decodeImage(file)
    let pixels = try image.scalars(as: UInt8.self)
    #expect(image.shape == [2, 1, 3] && pixels == [6, 5, 4, 3, 2, 1])
    for count in file.indices {
      #expect(throws: FormatError.self) { try decodeImage(Array(file[..<count])) }
    }
  }
}

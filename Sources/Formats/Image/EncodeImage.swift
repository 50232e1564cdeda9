import EspalierGraph

/// Returns the file of an image in PNG.
///
/// - Parameters:
///   - image: uint8 or uint16 `[H, W, C]` with 1 to 4 channels.
///   - compression: From 0, none, to 9, the smallest file; -1 is a good middle. The pixels are the same.
/// - Throws: `FormatError` of kind `invalidArgument` for other tensors and numbers.
///
/// Source: `tf.io.encode_png`.
public func encodePNG(_ image: HostTensor, compression: Int = -1) throws(FormatError) -> [UInt8] {
  guard (-1...9).contains(compression) else {
    throw FormatError(.invalidArgument, file: "image", "compression should be in [-1,9], got \(compression)")
  }
  let wide = try? image.scalars(as: UInt16.self).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
  guard image.shape.count == 3, (1...4).contains(image.shape[2]), image.count > 0,
    let pixels = try? wide ?? image.scalars(as: UInt8.self)
  else {
    throw FormatError(.invalidArgument, file: "image", "a PNG is made of uint8 or uint16 [H,W,C], not of \(image.type)")
  }
  return PNG.encode(
    pixels[...], height: image.shape[0], width: image.shape[1], channels: image.shape[2], bits: wide == nil ? 8 : 16,
    level: compression)
}

/// How an image becomes a JPEG file.
///
/// Source: `tf.io.encode_jpeg`.
public struct JPEGOptions: Hashable, Sendable {
  /// The colours of the file.
  public enum Format: String, Sendable {
    /// Those that the image has.
    case asImage = ""
    case grayscale, rgb
  }

  /// What a density of pixels refers to.
  public enum DensityUnit: String, Sendable {
    case inch = "in"
    case centimeter = "cm"
  }

  public var format = Format.asImage
  /// From 0, small, to 100, like the image.
  public var quality = 95
  /// Whether a part of the file shows the whole image, coarsely.
  public var isProgressive = false
  /// Whether the codes of the file are made for this image, so that it is a little smaller; those of progressive files
  /// always are.
  public var optimizesSize = false
  /// Whether colours are stored at half the resolution of brightness.
  public var downsamplesChroma = true
  public var densityUnit = DensityUnit.inch
  /// Pixels in a unit from left to right.
  public var xDensity = 300
  /// Pixels in a unit from top to bottom.
  public var yDensity = 300
  /// Text in XMP that goes into the file if it is not empty.
  public var xmpMetadata = ""

  public init() {}
}

/// Returns the file of an image in JPEG, made with the system's libturbojpeg.
///
/// - Parameter image: uint8 `[H, W, C]` with 1 channel or 3.
/// - Throws: `FormatError` of kind `invalidArgument` for other tensors and options out of range; of kind `unavailable`,
///   naming the package that installs it, if the library is missing.
///
/// Source: `tf.io.encode_jpeg`.
public func encodeJPEG(_ image: HostTensor, _ options: JPEGOptions = JPEGOptions()) throws(FormatError) -> [UInt8] {
  func invalid(_ message: String) -> FormatError { FormatError(.invalidArgument, file: "image", message) }
  guard image.shape.count == 3 else { throw invalid("image must be 3-dimensional\(Shape(image.shape))") }
  let channels = image.shape[2]
  switch options.format {
  case .asImage where channels != 1 && channels != 3:
    throw invalid("image must have 1 or 3 channels, got \(Shape(image.shape))")
  case .grayscale where channels != 1: throw invalid("format grayscale expects 1 channels, got \(Shape(image.shape))")
  case .rgb where channels != 3: throw invalid("format rgb expects 3 channels, got \(Shape(image.shape))")
  default: break
  }
  guard (0...100).contains(options.quality) else { throw invalid("quality must be in [0,100], got \(options.quality)") }
  guard (0...65_535).contains(options.xDensity), (0...65_535).contains(options.yDensity) else {
    throw invalid("densities must be in [0,65535], got \(options.xDensity) and \(options.yDensity)")
  }
  // A segment's length has 16 bits, and the name of the format takes 29 bytes.
  guard options.xmpMetadata.utf8.count <= 65_502 else { throw invalid("XMP metadata is longer than 65502 bytes") }
  guard let pixels = try? image.scalars(as: UInt8.self) else { throw invalid("image must be uint8, got \(image.type)") }
  guard (1...65_500).contains(image.shape[0]), (1...65_500).contains(image.shape[1]) else {
    throw invalid("JPEG encoding failed: extents must be in [1,65500], got \(Shape(image.shape))")
  }
  let plain = try JPEGCompressor.shared().compress(
    Pixels(height: image.shape[0], width: image.shape[1], channels: channels, bytes: pixels), options)
  let optimized = options.optimizesSize && !options.isProgressive ? try JPEGRecoding.optimized(plain) : plain
  return options.marked(optimized)
}

extension JPEGOptions {
  /// Returns a file whose header says density and metadata, which libturbojpeg cannot set.
  fileprivate func marked(_ file: [UInt8]) -> [UInt8] {
    // The header is 2 bytes of start, then a segment of 18: marker, length, "JFIF\0", version, unit, densities.
    guard file.count > 20, file[6..<10].elementsEqual("JFIF".utf8) else { return file }
    var result = file
    result[13] = densityUnit == .inch ? 1 : 2
    result.replaceSubrange(
      14..<18, with: [UInt8(xDensity >> 8), UInt8(xDensity & 255), UInt8(yDensity >> 8), UInt8(yDensity & 255)])
    guard !xmpMetadata.isEmpty else { return result }
    let body = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Array(xmpMetadata.utf8)
    let length = body.count + 2
    result.insert(contentsOf: [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body, at: 20)
    return result
  }
}

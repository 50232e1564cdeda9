import EspalierGraph

/// How a JPEG file is decoded.
///
/// Source: `tf.io.decode_jpeg`.
public struct JPEGDecoding: Hashable, Sendable {
  /// By how much the image is scaled down: 1, 2, 4 or 8.
  public var ratio = 1
  /// Whether colours between those of the file are interpolated, where it has them at half the resolution.
  public var interpolatesColors = true
  /// Whether what is missing of a file that ends early is made up, mostly gray.
  public var recoversTruncated = false
  /// The part of the lines that a file which ends early has to have, from 0 to 1; what is missing is black.
  public var acceptableFraction: Float = 1
  /// Whether the transform is the fast one, close to the accurate one.
  public var isFast = false

  public init() {}

  /// Whether a file may end early.
  var acceptsParts: Bool { recoversTruncated || acceptableFraction < 1 }
}

/// Returns the pixels of an image file, `[H, W, C]`, rows from the top; of an animation, `[frames, H, W, 3]`.
///
/// JPEG is read with the system's libturbojpeg and PNG with its libpng; GIF, BMP and PPM need no library. Other channels
/// than the file has are made of them: gray is repeated, colours are weighted, alpha is opaque. EXIF orientation is
/// ignored.
///
/// - Parameters:
///   - channels: 1 (gray), 3 (RGB) or 4 (RGBA); by default those of the file. GIF has 3.
///   - dataType: uint8, or uint16: all bits of a PNG of 16, and those of other files spread over sixteen.
///   - jpeg: How a JPEG is decoded, by default with libjpeg's accurate integer transform.
///   - expandAnimations: Whether a GIF, also of one frame, has all its frames; else its first, `[H, W, 3]`.
///   - file: What the bytes are called in errors.
/// - Throws: `FormatError` if the bytes are no image or a damaged one; of kind `unavailable`, naming the package that
///   installs it, if the library that is needed is missing.
///
/// Source: `tf.io.decode_image`.
public func decodeImage(
  _ bytes: [UInt8], channels: Int? = nil, dataType: DataType = .uint8, expandAnimations: Bool = true,
  jpeg: JPEGDecoding = JPEGDecoding(), file: String = "image"
) throws(FormatError) -> HostTensor {
  guard dataType == .uint8 || dataType == .uint16 else {
    throw FormatError(.invalidArgument, file: file, "`dtype` must be uint8 or uint16, got \(dataType)")
  }
  if ImageKind(bytes) == .png, PNGSamples.hasSixteenBits(bytes) {
    return try PNGSamples.decode(bytes, channels: channels, dataType: dataType, file: file)
  }
  let image = try decodedBytes(bytes, channels, expandAnimations, jpeg, file)
  if dataType == .uint8 { return image }
  // TensorFlow fills the lower byte of a PNG only.
  let scale: UInt16 = ImageKind(bytes) == .png ? 257 : 256
  return try tensor(of: (try? image.scalars(as: UInt8.self))?.map { UInt16($0) * scale } ?? [], image.shape, file)
}

/// Returns the tensor of some pixels.
func tensor<Sample: TensorScalar>(
  of samples: [Sample], _ shape: [Int], _ file: String
) throws(FormatError) -> HostTensor {
  do throws(TensorError) { return try HostTensor(samples, shape: shape) } catch {
    throw FormatError(.dataLoss, file: file, error.description)
  }
}

private func decodedBytes(
  _ bytes: [UInt8], _ channels: Int?, _ expandAnimations: Bool, _ jpeg: JPEGDecoding, _ file: String
) throws(FormatError) -> HostTensor {
  if let channels, ![1, 3, 4].contains(channels) {
    throw FormatError(.invalidArgument, file: file, "images have 1, 3 or 4 channels, not \(channels)")
  }
  switch ImageKind(bytes) {
  case .jpeg: return try TurboJPEG.shared().decode(bytes, channels: channels, jpeg, file: file).tensor
  case .png: return try PNGLibrary.shared().decode(bytes, channels: channels, file: file)
  case .gif:
    if let channels, channels != 3 {
      throw FormatError(.invalidArgument, file: file, "channels must be 0 or 3 for GIF, got \(channels)")
    }
    let (pixels, count) = try GIFReader.frames(bytes, onlyFirst: !expandAnimations, file: file)
    return try expandAnimations ? pixels.tensor(frames: count) : pixels.tensor
  case .bmp: return try BitmapReader(bytes, file: file).pixels().converted(to: channels).tensor
  case .ppm: return try PortableReader(bytes, file: file).pixels().converted(to: channels).tensor
  case nil:
    throw FormatError(.invalidArgument, file: file, offset: 0, "the bytes are neither JPEG, PNG, GIF, BMP nor PPM")
  }
}

/// The kinds of image files, told apart by their first bytes.
enum ImageKind {
  case jpeg, png, gif, bmp, ppm

  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: "GIF8".utf8) {
      self = .gif
    } else if bytes.starts(with: [0x42, 0x4D]) {
      self = .bmp
    } else if bytes.count > 2, bytes[0] == 0x50, (0x32...0x36).contains(bytes[1]), bytes[1] != 0x34 {
      self = .ppm
    } else {
      return nil
    }
  }
}

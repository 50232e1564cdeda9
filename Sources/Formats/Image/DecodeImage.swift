import EspalierGraph

/// Returns the pixels of an image file, uint8 `[H, W, C]`, rows from the top.
///
/// JPEG is read with the system's libturbojpeg and PNG with its libpng; BMP and PPM need no library. Other channels than
/// the file has are made of them: gray is repeated, colours are weighted, alpha is opaque. EXIF orientation is ignored.
///
/// - Parameters:
///   - channels: 1 (gray), 3 (RGB) or 4 (RGBA); by default those of the file.
///   - file: What the bytes are called in errors.
/// - Throws: `FormatError` if the bytes are no image or a damaged one; of kind `unavailable`, naming the package that
///   installs it, if the library that is needed is missing.
///
/// Source: `tf.io.decode_image`, with libjpeg's accurate integer transform.
public func decodeImage(
  _ bytes: [UInt8], channels: Int? = nil, file: String = "image"
) throws(FormatError) -> HostTensor {
  if let channels, ![1, 3, 4].contains(channels) {
    throw FormatError(.invalidArgument, file: file, "images have 1, 3 or 4 channels, not \(channels)")
  }
  switch ImageKind(bytes) {
  case .jpeg: return try TurboJPEG.shared().decode(bytes, channels: channels, file: file)
  case .png: return try PNGLibrary.shared().decode(bytes, channels: channels, file: file)
  case .bmp: return try BitmapReader(bytes, file: file).pixels().converted(to: channels).tensor
  case .ppm: return try PortableReader(bytes, file: file).pixels().converted(to: channels).tensor
  case nil:
    throw FormatError(.invalidArgument, file: file, offset: 0, "the bytes are neither JPEG, PNG, BMP nor PPM")
  }
}

/// Returns the file of an image in PNG.
///
/// - Parameter image: uint8 `[H, W, C]` with 1 to 4 channels.
/// - Throws: `FormatError` of kind `invalidArgument` for other tensors.
///
/// Source: `tf.io.encode_png`.
public func encodePNG(_ image: HostTensor) throws(FormatError) -> [UInt8] {
  guard image.shape.count == 3, (1...4).contains(image.shape[2]), image.count > 0,
    let pixels = try? image.scalars(as: UInt8.self)
  else {
    throw FormatError(.invalidArgument, file: "image", "a PNG is made of uint8 [H,W,C], not of \(image.type)")
  }
  return PNG.encode(pixels[...], height: image.shape[0], width: image.shape[1], channels: image.shape[2])
}

/// The kinds of image files, told apart by their first bytes.
enum ImageKind {
  case jpeg, png, bmp, ppm

  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0x42, 0x4D]) {
      self = .bmp
    } else if bytes.count > 2, bytes[0] == 0x50, (0x32...0x36).contains(bytes[1]), bytes[1] != 0x34 {
      self = .ppm
    } else {
      return nil
    }
  }
}

/// The pixels of an image.
struct Pixels {
  let height: Int
  let width: Int
  let channels: Int
  var bytes: [UInt8]

  /// More pixels than a byte of a compressed file can stand for.
  private static let largestRatio = 1040

  /// Returns the number of bytes of an image.
  ///
  /// - Throws: `FormatError` if a file of `size` bytes cannot hold so many.
  static func count(
    height: Int, width: Int, channels: Int, size: Int, file: String
  ) throws(FormatError) -> Int {
    guard height > 0, width > 0, height <= 1 << 20, width <= 1 << 20,
      height * width <= size * largestRatio, let count = Extents.count([height, width, channels])
    else {
      throw FormatError(.dataLoss, file: file, "\(size) bytes cannot hold an image of \(width)x\(height) pixels")
    }
    return count
  }

  var tensor: HostTensor {
    get throws(FormatError) {
      do throws(TensorError) { return try HostTensor(bytes, shape: [height, width, channels]) } catch {
        throw FormatError(.dataLoss, file: "image", error.description)
      }
    }
  }

  /// Returns the same image with other channels.
  func converted(to wanted: Int?) -> Pixels {
    guard let wanted, wanted != channels else { return self }
    var result = Pixels(height: height, width: width, channels: wanted, bytes: [])
    result.bytes.reserveCapacity(height * width * wanted)
    for start in stride(from: 0, to: bytes.count, by: channels) {
      let pixel = bytes[start..<start + channels]
      let colors = channels < 3 ? [UInt8](repeating: pixel[start], count: 3) : Array(pixel.prefix(3))
      let alpha: UInt8 = channels == 2 || channels == 4 ? pixel[start + channels - 1] : 255
      switch wanted {
      case 1: result.bytes.append(channels < 3 ? colors[0] : Self.luminance(colors))
      case 3: result.bytes += colors
      default: result.bytes += colors + [alpha]
      }
    }
    return result
  }

  /// Source: ITU-R BT.601.
  private static func luminance(_ colors: [UInt8]) -> UInt8 {
    let sum = 19_595 * Int(colors[0]) + 38_470 * Int(colors[1]) + 7_471 * Int(colors[2]) + 32_768
    return UInt8(sum >> 16)
  }
}

import EspalierGraph

/// Returns the pixels of an image file, uint8 `[H, W, C]`, rows from the top; of an animation, `[frames, H, W, 3]`.
///
/// JPEG is read with the system's libturbojpeg and PNG with its libpng; GIF, BMP and PPM need no library. Other channels
/// than the file has are made of them: gray is repeated, colours are weighted, alpha is opaque. EXIF orientation is
/// ignored.
///
/// - Parameters:
///   - channels: 1 (gray), 3 (RGB) or 4 (RGBA); by default those of the file. GIF has 3.
///   - expandAnimations: Whether a GIF, also of one frame, has all its frames; else its first, `[H, W, 3]`.
///   - file: What the bytes are called in errors.
/// - Throws: `FormatError` if the bytes are no image or a damaged one; of kind `unavailable`, naming the package that
///   installs it, if the library that is needed is missing.
///
/// Source: `tf.io.decode_image`, with libjpeg's accurate integer transform.
public func decodeImage(
  _ bytes: [UInt8], channels: Int? = nil, expandAnimations: Bool = true, file: String = "image"
) throws(FormatError) -> HostTensor {
  if let channels, ![1, 3, 4].contains(channels) {
    throw FormatError(.invalidArgument, file: file, "images have 1, 3 or 4 channels, not \(channels)")
  }
  switch ImageKind(bytes) {
  case .jpeg: return try TurboJPEG.shared().decode(bytes, channels: channels, file: file)
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

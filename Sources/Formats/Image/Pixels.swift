import EspalierGraph

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

  /// Whether a file of `size` bytes may not be given so many bytes of memory on the word of its header.
  static func isDoubtful(memory: Int, size: Int) -> Bool {
    memory > 16 * size + 8 << 20
  }

  var tensor: HostTensor {
    get throws(FormatError) { try tensor([height, width, channels]) }
  }

  /// Returns the tensor of images below one another.
  func tensor(frames: Int) throws(FormatError) -> HostTensor { try tensor([frames, height, width, channels]) }

  private func tensor(_ shape: [Int]) throws(FormatError) -> HostTensor {
    try EspalierFormats.tensor(of: bytes, shape, "image")
  }

  /// Returns the same image with other channels.
  ///
  /// - Parameter luminance: How bright a colour is.
  func converted(
    to wanted: Int?, luminance: (_ red: Int, _ green: Int, _ blue: Int) -> Int = Pixels.luminance
  ) -> Pixels {
    guard let wanted, wanted != channels else { return self }
    let isGray = channels < 3
    let alpha = channels == 2 || channels == 4 ? channels - 1 : nil
    var result = Pixels(height: height, width: width, channels: wanted, bytes: [])
    result.bytes.reserveCapacity(height * width * wanted)
    for start in stride(from: 0, to: bytes.count, by: channels) {
      let red = bytes[start]
      if wanted > 2 {
        result.bytes.append(red)
        result.bytes.append(isGray ? red : bytes[start + 1])
        result.bytes.append(isGray ? red : bytes[start + 2])
      } else {
        let bright = isGray ? Int(red) : luminance(Int(red), Int(bytes[start + 1]), Int(bytes[start + 2]))
        result.bytes.append(UInt8(bright))
      }
      if wanted == 4 { result.bytes.append(alpha.map { bytes[start + $0] } ?? 255) }
    }
    return result
  }

  /// Source: ITU-R BT.601.
  static func luminance(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16
  }
}

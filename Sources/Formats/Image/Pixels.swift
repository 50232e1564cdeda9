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
    do throws(TensorError) { return try HostTensor(bytes, shape: shape) } catch {
      throw FormatError(.dataLoss, file: "image", error.description)
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

import Espalier

/// Windows bitmaps of 24 bits per pixel.
enum Bitmap {
  private static let headerSize = 54

  /// Returns the file of an image whose pixels are red, green and blue, row by row.
  static func encode(_ pixels: [UInt8], height: Int, width: Int) -> [UInt8] {
    let padding = (4 - width * 3 % 4) % 4
    let dataSize = (width * 3 + padding) * height
    var bytes: [UInt8] = [0x42, 0x4D]
    func append(_ number: Int, _ count: Int) {
      for byte in 0..<count { bytes.append(UInt8(number >> (8 * byte) & 255)) }
    }
    for (number, count) in [
      (headerSize + dataSize, 4), (0, 4), (headerSize, 4), (40, 4), (width, 4), (height, 4), (1, 2), (24, 2), (0, 4),
      (dataSize, 4), (2835, 4), (2835, 4), (0, 4), (0, 4),
    ] { append(number, count) }
    for row in (0..<height).reversed() {
      for column in 0..<width {
        let place = (row * width + column) * 3
        bytes += [pixels[place + 2], pixels[place + 1], pixels[place]]
      }
      bytes += [UInt8](repeating: 0, count: padding)
    }
    return bytes
  }

  /// Returns the image in a file, `[height, width, 3]`, with values from 0 to 255.
  static func decode(_ bytes: [UInt8], file: String) throws -> HostTensor {
    func number(_ place: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    guard bytes.count > headerSize, bytes[0] == 0x42, bytes[1] == 0x4D, number(28, 2) == 24, number(30, 4) == 0 else {
      throw DataError("\(file) is not a bitmap of 24 bits per pixel")
    }
    let (start, width, height) = (number(10, 4), number(18, 4), number(22, 4))
    let stride = (width * 3 + 3) / 4 * 4
    guard width > 0, height > 0, width < 1 << 15, height < 1 << 15, start + stride * height <= bytes.count else {
      throw DataError("\(file) is damaged")
    }
    var pixels = [Float](repeating: 0, count: height * width * 3)
    for row in 0..<height {
      for column in 0..<width * 3 {
        let (pixel, channel) = (column / 3, column % 3)
        pixels[((height - 1 - row) * width + pixel) * 3 + 2 - channel] = Float(bytes[start + row * stride + column])
      }
    }
    return try HostTensor(pixels, shape: [height, width, 3])
  }
}

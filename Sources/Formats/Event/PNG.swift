/// Images in PNG.
///
/// Source: W3C, "Portable Network Graphics (PNG) Specification".
enum PNG {
  /// Returns the file of an image of 8 bits a channel, or of 16, the higher byte first; `pixels` is
  /// `[height, width, channels]`.
  ///
  /// - Parameter level: From 0, not compressed, to 9, the smallest file; -1 is a good middle.
  static func encode(
    _ pixels: ArraySlice<UInt8>, height: Int, width: Int, channels: Int, bits: Int = 8, level: Int = -1
  ) -> [UInt8] {
    let colorTypes: [Int: UInt8] = [1: 0, 2: 4, 3: 2, 4: 6]
    var header = UInt32(width).bigEndianBytes + UInt32(height).bigEndianBytes
    header += [UInt8(bits), colorTypes[channels] ?? 0, 0, 0, 0]
    let row = width * channels * bits / 8
    var lines: [UInt8] = []
    lines.reserveCapacity((row + 1) * height)
    for line in 0..<height {
      lines.append(0)
      lines += pixels.dropFirst(line * row).prefix(row)
    }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    return signature + chunk("IHDR", header) + chunk("IDAT", Deflate.zlib(lines, level: level)) + chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + data
    return UInt32(data.count).bigEndianBytes + named + CRC32.extend(0, named).bigEndianBytes
  }
}

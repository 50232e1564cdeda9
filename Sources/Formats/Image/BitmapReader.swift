/// Reads uncompressed BMP files: 8 bits with a palette, 24 or 32 bits.
///
/// Source: Microsoft, "Bitmap Storage".
struct BitmapReader {
  private let bytes: [UInt8]
  private let file: String

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  func pixels() throws(FormatError) -> Pixels {
    var reader = ByteReader(bytes, file: file)
    try reader.skip(10)
    let start = Int(try reader.littleEndian(UInt32.self))
    let headerSize = Int(try reader.littleEndian(UInt32.self))
    guard headerSize >= 40 else { throw unsupported("a header of \(headerSize) bytes") }
    let width = Int(try reader.littleEndian(Int32.self))
    let signedHeight = Int(try reader.littleEndian(Int32.self))
    try reader.skip(2)
    let bits = Int(try reader.littleEndian(UInt16.self))
    let compression = try reader.littleEndian(UInt32.self)
    // 3 says that masks name the channels; those of 32 bits are in the usual order but for rare programs.
    guard compression == 0 || compression == 3 && bits == 32 else { throw unsupported("compression \(compression)") }
    guard [8, 24, 32].contains(bits) else { throw unsupported("\(bits) bits a pixel") }
    let height = abs(signedHeight)
    _ = try Pixels.count(height: height, width: width, channels: 3, size: bytes.count, file: file)
    let palette = bits == 8 ? try palette(at: 14 + headerSize, before: start) : []
    let stride = (width * bits / 8 + 3) / 4 * 4
    guard start >= 0, start <= bytes.count, height * stride <= bytes.count - start else {
      throw FormatError(
        .dataLoss, file: file, offset: start, "\(height) rows of \(stride) bytes are not there")
    }
    var result = Pixels(height: height, width: width, channels: bits == 32 ? 4 : 3, bytes: [])
    result.bytes.reserveCapacity(height * width * result.channels)
    for row in 0..<height {
      // Rows go upwards unless the height is negative.
      let line = start + (signedHeight > 0 ? height - 1 - row : row) * stride
      for column in 0..<width {
        let place = line + column * bits / 8
        if bits == 8 {
          guard palette.indices.contains(Int(bytes[place])) else { throw unsupported("a colour beyond the palette") }
          result.bytes += palette[Int(bytes[place])]
        } else {
          result.bytes += [bytes[place + 2], bytes[place + 1], bytes[place]]
          if bits == 32 { result.bytes.append(bytes[place + 3]) }
        }
      }
    }
    return result
  }

  private func palette(at offset: Int, before end: Int) throws(FormatError) -> [[UInt8]] {
    let count = min(256, (min(end, bytes.count) - offset) / 4)
    guard count > 0 else { throw unsupported("no palette") }
    return (0..<count).map { index in
      let place = offset + 4 * index
      return [bytes[place + 2], bytes[place + 1], bytes[place]]
    }
  }

  private func unsupported(_ what: String) -> FormatError {
    FormatError(.unimplemented, file: file, "BMP: \(what) is not read here")
  }
}

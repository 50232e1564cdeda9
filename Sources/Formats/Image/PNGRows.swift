/// Finds out whether a PNG file holds as many rows of pixels as its header claims, keeping none of them.
///
/// A decoder takes memory for the whole image from its header alone, which a damaged file can make as large as it likes.
///
/// Source: W3C, "Portable Network Graphics", chapters 5, 8 and 11.
struct PNGRows {
  private let bytes: [UInt8]
  private let file: String

  /// - Throws: `FormatError` if the file ends before all rows.
  static func verify(_ bytes: [UInt8], file: String) throws(FormatError) {
    try PNGRows(bytes: bytes, file: file).verify()
  }

  private func verify() throws(FormatError) {
    guard bytes.count > 28, let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]] else {
      throw FormatError(.dataLoss, file: file, "PNG: the header is damaged")
    }
    let (width, height) = (word(16), word(20))
    let needed = Self.size(
      width: width, height: height, pixelBits: samples * Int(bytes[24]), isInterlaced: bytes[28] != 0)
    let source = try MemorySource(compressed(), file: file).decompressed(.zlib)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var found = 0
    while found < needed {
      let count = try read(source, &buffer)
      guard count > 0 else {
        throw FormatError(
          .dataLoss, file: file, "PNG: \(found) bytes of \(needed) are there for \(width)x\(height) pixels")
      }
      found += count
    }
  }

  private func read(_ source: any ByteSource, _ buffer: inout [UInt8]) throws(FormatError) -> Int {
    let result = buffer.withUnsafeMutableBytes { target in
      Result { () throws(FormatError) in try source.read(into: target) }
    }
    return try result.get()
  }

  private func word(_ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Returns the parts of the compressed rows, joined.
  private func compressed() -> [UInt8] {
    var result: [UInt8] = []
    var position = 8
    while position + 8 <= bytes.count {
      let body = bytes[(position + 8)...].prefix(word(position))
      if bytes[(position + 4)..<(position + 8)].elementsEqual("IDAT".utf8) { result += body }
      position += 12 + word(position)
    }
    return result
  }

  /// Returns the number of bytes before compression: each row is preceded by the number of its filter.
  private static func size(width: Int, height: Int, pixelBits: Int, isInterlaced: Bool) -> Int {
    func size(_ columns: Int, _ rows: Int) -> Int { columns == 0 ? 0 : rows * (1 + (columns * pixelBits + 7) / 8) }
    guard isInterlaced else { return size(width, height) }
    // The first column and row of each pass, and the steps between them.
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return passes.reduce(0) { sum, pass in
      let (column, row, across, down) = pass
      return sum + size((width - column + across - 1) / across, (height - row + down - 1) / down)
    }
  }
}

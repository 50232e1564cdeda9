import EspalierGraph

/// The rows of pixels of a PNG file, before their filters are undone.
///
/// Source: W3C, "Portable Network Graphics", chapters 5, 8 and 11.
struct PNGRows {
  /// The pixels that are sent together: all, or every so many columns and rows of an interlaced file.
  struct Pass {
    let column: Int
    let row: Int
    let across: Int
    let down: Int
  }

  let bytes: [UInt8]
  let file: String

  /// Finds out whether a file holds as many rows as its header claims, keeping none of them.
  ///
  /// A decoder takes memory for the whole image from its header alone, which a damaged file can make as large as it
  /// likes.
  ///
  /// - Throws: `FormatError` if the file ends before all rows.
  static func verify(_ bytes: [UInt8], file: String) throws(FormatError) {
    try PNGRows(bytes: bytes, file: file).verify()
  }

  private func verify() throws(FormatError) {
    guard bytes.count > 28, [0, 2, 3, 4, 6].contains(bytes[25]) else {
      throw FormatError(.dataLoss, file: file, "PNG: the header is damaged")
    }
    let (width, height) = (word(16), word(20))
    let pixelBits = PNGColors(bytes[25]).channels * Int(bytes[24])
    let needed = passes.reduce(0) { sum, pass in
      let columns = (width - pass.column + pass.across - 1) / pass.across
      let rows = (height - pass.row + pass.down - 1) / pass.down
      // Each row is preceded by the number of its filter.
      return sum + (columns == 0 ? 0 : rows * (1 + (columns * pixelBits + 7) / 8))
    }
    var rows = try source()
    while rows.found < needed {
      guard try rows.fill() else {
        throw FormatError(
          .dataLoss, file: file, "PNG: \(rows.found) bytes of \(needed) are there for \(width)x\(height) pixels")
      }
    }
  }

  /// The passes in order.
  var passes: [Pass] {
    guard bytes[28] != 0 else { return [Pass(column: 0, row: 0, across: 1, down: 1)] }
    let numbers = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return numbers.map { Pass(column: $0.0, row: $0.1, across: $0.2, down: $0.3) }
  }

  /// Returns the decompressed rows.
  func source() throws(FormatError) -> Source {
    Source(source: try MemorySource(compressed(), file: file).decompressed(.zlib), file: file)
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
}

extension PNGRows {
  /// Bytes of rows that come one after the other.
  struct Source {
    private let source: any ByteSource
    private let file: String
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var ready = 0..<0
    /// How many bytes were decompressed.
    private(set) var found = 0

    init(source: any ByteSource, file: String) {
      (self.source, self.file) = (source, file)
    }

    /// Decompresses some bytes in place of those before; returns false at the end.
    mutating func fill() throws(FormatError) -> Bool {
      let source = source
      let result = buffer.withUnsafeMutableBytes { target in
        Result { () throws(FormatError) in try source.read(into: target) }
      }
      ready = 0..<(try result.get())
      found += ready.count
      return !ready.isEmpty
    }

    /// Returns the next `count` bytes.
    mutating func next(_ count: Int) throws(FormatError) -> [UInt8] {
      var result: [UInt8] = []
      result.reserveCapacity(count)
      while result.count < count {
        if ready.isEmpty, try !fill() {
          throw FormatError(.dataLoss, file: file, "PNG: the rows of pixels end after \(found) bytes")
        }
        let taken = min(count - result.count, ready.count)
        result += buffer[ready.prefix(taken)]
        ready = ready.dropFirst(taken)
      }
      return result
    }
  }
}

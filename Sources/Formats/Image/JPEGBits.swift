/// A Huffman table: for each 16 bits, which symbol they begin with and how long its code is.
struct JPEGCodes {
  private var entries = [UInt16](repeating: 0, count: 1 << 16)

  init(counts: [Int], symbols: [UInt8]) {
    var rest = symbols[...]
    var start = 0
    for (length, count) in zip(1..., counts) {
      for symbol in rest.prefix(count) {
        let end = start + 1 << (16 - length)
        guard end <= entries.count else { return }
        for code in start..<end { entries[code] = UInt16(length) << 8 | UInt16(symbol) }
        start = end
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Returns the tables of a segment by their numbers, nil if one is cut off.
  static func tables(_ segment: ArraySlice<UInt8>) -> [UInt8: JPEGCodes]? {
    var rest = segment
    var result: [UInt8: JPEGCodes] = [:]
    while let place = rest.first {
      guard rest.count >= 17 else { return nil }
      let counts = rest.dropFirst().prefix(16).map(Int.init)
      let symbols = rest.dropFirst(17).prefix(counts.reduce(0, +))
      result[place] = JPEGCodes(counts: counts, symbols: Array(symbols))
      rest = rest.dropFirst(17 + symbols.count)
    }
    return result
  }

  subscript(bits: UInt64) -> (length: Int, symbol: Int) {
    let entry = entries[Int(bits & 0xFFFF)]
    return (Int(entry >> 8), Int(entry & 0xFF))
  }
}

/// The bits of a scan, up to its next marker.
struct JPEGBits {
  private let bytes: [UInt8]
  private(set) var position: Int
  private var bits: UInt64 = 0
  private var count = 0

  init(_ bytes: [UInt8], at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  private mutating func fill() {
    while count <= 48, position < bytes.count {
      let byte = bytes[position]
      if byte == 0xFF {
        // A zero makes an ordinary byte of what would be a marker.
        guard position + 1 < bytes.count, bytes[position + 1] == 0 else { return }
        position += 1
      }
      position += 1
      bits = bits << 8 | UInt64(byte)
      count += 8
    }
  }

  /// Returns the next symbol; nil where the scan ends or no code is.
  mutating func symbol(_ codes: JPEGCodes) -> Int? {
    if count < 16 { fill() }
    let (length, symbol) = codes[count >= 16 ? bits >> UInt64(count - 16) : bits << UInt64(16 - count)]
    guard length > 0, length <= count else { return nil }
    count -= length
    return symbol
  }

  private mutating func skip(_ length: Int) -> Bool { take(length) != nil }

  /// Returns the number that the next bits, at most 16, make; nil if they are not there.
  mutating func take(_ length: Int) -> UInt64? {
    if count < length { fill() }
    guard count >= length else { return nil }
    count -= length
    return bits >> UInt64(count) & (1 << UInt64(length) - 1)
  }

  /// Moves behind a block's codes; returns false if they are not all there.
  mutating func skipBlock(dc: JPEGCodes, ac: JPEGCodes?) -> Bool {
    guard let size = symbol(dc), size <= 16, skip(size) else { return false }
    guard let ac else { return true }
    var index = 1
    while index < 64 {
      guard let pair = symbol(ac) else { return false }
      let (run, size) = (pair >> 4, pair & 15)
      if size == 0, run < 15 { return true }
      index += run + 1
      guard skip(size) else { return false }
    }
    return true
  }

  /// Moves behind the marker at which the codes begin anew; returns false if there is none.
  mutating func restart() -> Bool {
    count = 0
    while position + 1 < bytes.count {
      if bytes[position] == 0xFF, bytes[position + 1] != 0 {
        guard (0xD0...0xD7).contains(bytes[position + 1]) else { return false }
        position += 2
        return true
      }
      position += 1
    }
    return false
  }
}

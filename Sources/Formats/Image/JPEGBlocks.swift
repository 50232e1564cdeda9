/// Finds out whether a JPEG file holds as many blocks of pixels as its header claims, keeping none of them.
///
/// A decoder takes memory for the whole image from its header alone, which a damaged file can make as large as it likes.
/// The codes of the first scan of each colour tell how many blocks there really are.
///
/// Source: ITU-T T.81, annexes B, F and G.
struct JPEGBlocks {
  private let bytes: [UInt8]
  private let file: String
  private var position = 2
  private var frame: JPEGFrame?
  private var tables: [UInt8: JPEGCodes] = [:]
  private var restartInterval = 0
  private var counted: Set<UInt8> = []

  private init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// - Throws: `FormatError` if the file ends before all blocks.
  static func verify(_ bytes: [UInt8], file: String) throws(FormatError) {
    var blocks = JPEGBlocks(bytes, file: file)
    while blocks.counted.count < blocks.frame?.components.count ?? 1 { try blocks.readSegment() }
  }

  private mutating func readSegment() throws(FormatError) {
    let marker = try nextMarker()
    if marker == 0xD9 { throw error("the image ends before all its colours") }
    guard position + 2 <= bytes.count else { throw error("the file ends in a marker") }
    let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
    guard length >= 2, position + length <= bytes.count else {
      throw error("a segment of \(length) bytes is not there")
    }
    let segment = bytes[(position + 2)..<(position + length)]
    position += length
    switch marker {
    case 0xC0...0xC2: frame = try JPEGFrame(segment, file: file)
    case 0xC4: try readTables(segment)
    // Lossless, hierarchical and arithmetic coding.
    case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: throw error("so large an image of this kind is not read here")
    case 0xDD where segment.count == 2:
      restartInterval = Int(segment[segment.startIndex]) << 8 | Int(segment[segment.startIndex + 1])
    case 0xDA: try readScan(segment)
    default: break
    }
  }

  /// Moves behind the next marker that is not one of those within a scan.
  private mutating func nextMarker() throws(FormatError) -> UInt8 {
    while position + 1 < bytes.count {
      let marker = bytes[position + 1]
      let isMarker = bytes[position] == 0xFF && ![0x00, 0x01, 0xFF].contains(marker) && !(0xD0...0xD8).contains(marker)
      if isMarker {
        position += 2
        return marker
      }
      position += 1
    }
    throw error("the file ends before all its blocks")
  }

  private mutating func readTables(_ segment: ArraySlice<UInt8>) throws(FormatError) {
    var rest = segment
    while let place = rest.first {
      guard rest.count >= 17 else { throw error("a table of codes is cut off") }
      let counts = rest.dropFirst().prefix(16).map(Int.init)
      let symbols = rest.dropFirst(17).prefix(counts.reduce(0, +))
      tables[place] = JPEGCodes(counts: counts, symbols: Array(symbols))
      rest = rest.dropFirst(17 + symbols.count)
    }
  }

  private mutating func readScan(_ segment: ArraySlice<UInt8>) throws(FormatError) {
    let header = Array(segment)
    guard let frame, let count = header.first.map(Int.init), count > 0, header.count >= 4 + 2 * count else {
      throw error("a scan has no header")
    }
    let (first, last, refinement) = (header[1 + 2 * count], header[2 + 2 * count], header[3 + 2 * count] >> 4)
    // Later scans make the same blocks finer.
    guard first == 0, refinement == 0 else { return }
    var parts: [(component: JPEGFrame.Component, dc: JPEGCodes, ac: JPEGCodes?)] = []
    for index in 0..<count {
      let (id, codes) = (header[1 + 2 * index], header[2 + 2 * index])
      guard let component = frame.components.first(where: { $0.id == id }), let dc = tables[codes >> 4],
        last == 0 || tables[0x10 | codes & 15] != nil
      else { throw error("a scan names colours or codes that are not there") }
      parts.append((component, dc, last == 0 ? nil : tables[0x10 | codes & 15]))
    }
    var bits = JPEGBits(bytes, at: position)
    for unit in 0..<frame.units(of: parts.map(\.component)) {
      if restartInterval > 0, unit > 0, unit % restartInterval == 0, !bits.restart() { throw shortage(unit) }
      for part in parts {
        for _ in 0..<(count == 1 ? 1 : part.component.blocks) {
          guard bits.skipBlock(dc: part.dc, ac: part.ac) else { throw shortage(unit) }
        }
      }
    }
    position = bits.position
    counted.formUnion(parts.map(\.component.id))
  }

  private func shortage(_ unit: Int) -> FormatError { error("the file ends after \(unit) of its blocks") }

  private func error(_ message: String) -> FormatError {
    FormatError(.dataLoss, file: file, offset: position, "JPEG: \(message)")
  }
}

/// The extents that a JPEG's header claims.
private struct JPEGFrame {
  struct Component {
    let id: UInt8
    let horizontal: Int
    let vertical: Int
    /// The blocks of this colour among those that lie together.
    var blocks: Int { horizontal * vertical }
  }

  let height: Int
  let width: Int
  let components: [Component]

  init(_ segment: ArraySlice<UInt8>, file: String) throws(FormatError) {
    let fields = segment.map(Int.init)
    guard fields.count >= 6, fields[5] > 0, fields.count >= 6 + 3 * fields[5] else {
      throw FormatError(.dataLoss, file: file, offset: segment.startIndex, "JPEG: the header is cut off")
    }
    height = fields[1] << 8 | fields[2]
    width = fields[3] << 8 | fields[4]
    components = (0..<fields[5]).map { index in
      let sampling = fields[7 + 3 * index]
      return Component(
        id: UInt8(fields[6 + 3 * index]), horizontal: max(sampling >> 4, 1), vertical: max(sampling & 15, 1))
    }
  }

  /// Returns how often a scan of some colours goes through its blocks.
  func units(of scanned: [Component]) -> Int {
    func quotient(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
    let horizontal = components.map(\.horizontal).max() ?? 1
    let vertical = components.map(\.vertical).max() ?? 1
    guard scanned.count == 1 else { return quotient(width, 8 * horizontal) * quotient(height, 8 * vertical) }
    return quotient(quotient(width * scanned[0].horizontal, horizontal), 8)
      * quotient(quotient(height * scanned[0].vertical, vertical), 8)
  }
}

/// A Huffman table: for each 16 bits, which symbol they begin with and how long its code is.
private struct JPEGCodes {
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

  subscript(bits: UInt64) -> (length: Int, symbol: Int) {
    let entry = entries[Int(bits & 0xFFFF)]
    return (Int(entry >> 8), Int(entry & 0xFF))
  }
}

/// The bits of a scan, up to its next marker.
private struct JPEGBits {
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
  private mutating func symbol(_ codes: JPEGCodes) -> Int? {
    if count < 16 { fill() }
    let (length, symbol) = codes[count >= 16 ? bits >> UInt64(count - 16) : bits << UInt64(16 - count)]
    guard length > 0, length <= count else { return nil }
    count -= length
    return symbol
  }

  private mutating func skip(_ length: Int) -> Bool {
    if count < length { fill() }
    guard count >= length else { return false }
    count -= length
    return true
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

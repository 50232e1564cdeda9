/// Writes the codes of a JPEG file anew, made for its own symbols, so that the file is smaller; the pixels are the same.
///
/// For the baseline files of one scan that libturbojpeg writes, whose interface cannot ask for that.
///
/// Source: ITU-T T.81, annexes C, F and K.2.
struct JPEGRecoding {
  /// A symbol of the scan and the bits that follow it.
  private struct Code {
    let table: UInt8
    let symbol: Int
    let bits: UInt64
    let length: Int
  }

  private let bytes: [UInt8]
  private var frame: JPEGFrame?
  private var tables: [UInt8: JPEGCodes] = [:]
  /// What goes before the tables: all segments but those.
  private var header: [UInt8] = [0xFF, 0xD8]
  /// Which components the scan has, and which tables they use.
  private var parts: [(component: JPEGFrame.Component, dc: UInt8, ac: UInt8)] = []
  private var scan: ArraySlice<UInt8> = []

  /// Returns the file with its own codes.
  ///
  /// - Throws: `FormatError` of kind `unimplemented` if the file is not a baseline one of one scan.
  static func optimized(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
    var recoding = JPEGRecoding(bytes: bytes)
    try recoding.readHeader()
    return try recoding.written()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func refusal() -> FormatError {
    FormatError(.unimplemented, file: "image", "JPEG: the size of files other than baseline ones is not optimized here")
  }

  private mutating func readHeader() throws(FormatError) {
    var position = 2
    while parts.isEmpty {
      guard position + 4 <= bytes.count, bytes[position] == 0xFF else { throw refusal() }
      let end = position + 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      guard end <= bytes.count, end >= position + 4 else { throw refusal() }
      let segment = bytes[position + 4..<end]
      switch bytes[position + 1] {
      case 0xC0: frame = try JPEGFrame(segment, isProgressive: false, file: "image")
      case 0xC4: tables.merge(JPEGCodes.tables(segment) ?? [:]) { _, new in new }
      case 0xDA:
        try readScan(Array(segment))
        scan = bytes[position..<end]
      case 0xC1...0xCF, 0xDD: throw refusal()
      default: break
      }
      if ![0xC4, 0xDA].contains(bytes[position + 1]) { header += bytes[position..<end] }
      position = end
    }
  }

  private mutating func readScan(_ segment: [UInt8]) throws(FormatError) {
    guard let frame, segment.count == 4 + 2 * frame.components.count else { throw refusal() }
    for index in frame.components.indices {
      let (id, codes) = (segment[1 + 2 * index], segment[2 + 2 * index])
      guard let component = frame.components.first(where: { $0.id == id }), tables[codes >> 4] != nil,
        tables[0x10 | codes & 15] != nil
      else { throw refusal() }
      parts.append((component, codes >> 4, 0x10 | codes & 15))
    }
  }

  private func written() throws(FormatError) -> [UInt8] {
    var counts: [UInt8: [Int]] = [:]
    try forEachCode { counts[$0.table, default: [Int](repeating: 0, count: 256)][$0.symbol] += 1 }
    let made = counts.mapValues { HuffmanTable(frequencies: $0) }
    var writer = JPEGBitWriter(bytes: header)
    var done: Set<UInt8> = []
    for name in parts.flatMap({ [$0.dc, $0.ac] }) where done.insert(name).inserted {
      guard let table = made[name] else { continue }
      let length = 19 + table.symbols.count
      writer.bytes += [0xFF, 0xC4, UInt8(length >> 8), UInt8(length & 255), name] + table.counts.map { UInt8($0) }
      writer.bytes += table.symbols
    }
    writer.bytes += scan
    try forEachCode { code in
      guard let entry = made[code.table]?.codes[code.symbol] else { return }
      writer.append(UInt64(entry.code), entry.length)
      writer.append(code.bits, code.length)
    }
    writer.finish()
    return writer.bytes + [0xFF, 0xD9]
  }

  /// Calls `visit` with all symbols of the scan in order.
  private func forEachCode(_ visit: (Code) -> Void) throws(FormatError) {
    guard let frame else { return }
    var bits = JPEGBits(bytes, at: scan.endIndex)
    for _ in 0..<frame.units(of: parts.map(\.component)) {
      for part in parts {
        for _ in 0..<(parts.count == 1 ? 1 : part.component.blocks) {
          var index = 0
          while index < 64 {
            let table = index == 0 ? part.dc : part.ac
            guard let codes = tables[table], let symbol = bits.symbol(codes), let value = bits.take(symbol & 15) else {
              throw FormatError(.dataLoss, file: "image", offset: bits.position, "JPEG: the scan ends early")
            }
            visit(Code(table: table, symbol: symbol, bits: value, length: symbol & 15))
            // No more coefficients; a run of 16 zeros has no coefficient either.
            if index > 0, symbol == 0 { break }
            index += 1 + (index > 0 ? symbol >> 4 : 0)
          }
        }
      }
    }
  }
}

/// The shortest codes for symbols that come so often.
///
/// Source: ITU-T T.81, K.2; of equally frequent symbols the larger goes first, as in libjpeg.
struct HuffmanTable {
  /// How many codes have 1, 2, … 16 bits.
  private(set) var counts: [Int]
  /// The symbols, those of the shortest codes first.
  private(set) var symbols: [UInt8] = []
  /// The codes by symbol.
  private(set) var codes: [Int: (code: Int, length: Int)] = [:]

  init(frequencies: [Int]) {
    let lengths = Self.lengths(frequencies)
    counts = Self.counts(lengths)
    symbols = (0..<256).filter { lengths[$0] > 0 }.sorted { (lengths[$0], $0) < (lengths[$1], $1) }.map { UInt8($0) }
    var code = 0
    var next = symbols.makeIterator()
    for (length, count) in zip(1..., counts) {
      for _ in 0..<count {
        guard let symbol = next.next() else { return }
        codes[Int(symbol)] = (code, length)
        code += 1
      }
      code <<= 1
    }
  }

  /// Returns the lengths of the codes by symbol, those of any length, with one for the code of all ones, which is not
  /// used.
  private static func lengths(_ frequencies: [Int]) -> [Int] {
    var rest = frequencies + [1]
    var lengths = [Int](repeating: 0, count: 257)
    var members = (0...256).map { [$0] }
    func rarest(but other: Int?) -> Int? {
      rest.indices.filter { rest[$0] > 0 && $0 != other }.min { (rest[$0], -$0) < (rest[$1], -$1) }
    }
    while let first = rarest(but: nil), let second = rarest(but: first) {
      rest[first] += rest[second]
      rest[second] = 0
      members[first] += members[second]
      for member in members[first] { lengths[member] += 1 }
    }
    return lengths
  }

  /// Returns how many codes have 1, 2, … 16 bits after longer ones were made shorter at the cost of others.
  private static func counts(_ lengths: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: 258)
    for length in lengths where length > 0 { counts[length] += 1 }
    for length in stride(from: 257, to: 16, by: -1) {
      while counts[length] > 0 {
        var shorter = length - 2
        while counts[shorter] == 0 { shorter -= 1 }
        counts[length] -= 2
        counts[length - 1] += 1
        counts[shorter + 1] += 2
        counts[shorter] -= 1
      }
    }
    // The last of the longest codes is the one of all ones.
    if let longest = (1...16).last(where: { counts[$0] > 0 }) { counts[longest] -= 1 }
    return Array(counts[1...16])
  }
}

/// Bytes and, after them, bits.
private struct JPEGBitWriter {
  var bytes: [UInt8]
  private var bits: UInt64 = 0
  private var count = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func append(_ value: UInt64, _ length: Int) {
    bits = bits << UInt64(length) | value
    count += length
    while count >= 8 {
      count -= 8
      let byte = UInt8(truncatingIfNeeded: bits >> UInt64(count))
      bytes.append(byte)
      // A zero keeps it from being a marker.
      if byte == 0xFF { bytes.append(0) }
    }
  }

  /// Fills the last byte with ones.
  mutating func finish() {
    if count > 0 { append(1 << UInt64(8 - count) - 1, 8 - count) }
  }
}

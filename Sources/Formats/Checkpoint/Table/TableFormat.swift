/// What readers and writers of sorted string tables share.
///
///     data block… | metaindex block | index block | footer
///
/// A block is entries, restart offsets and their count; behind it lie a byte that says how it is compressed and a
/// masked CRC-32C of both. An entry is `shared | unshared | value length | key without its shared prefix | value`.
///
/// Source: LevelDB, `doc/table_format.md`; `tensorflow/core/lib/io/format.cc`.
enum TableFormat {
  static let footerSize = 48
  static let magic: UInt64 = 0xDB47_7524_8B80_FB57
  static let trailerSize = 5
  static let uncompressed: UInt8 = 0
  static let snappy: UInt8 = 1
}

/// Where a block lies in a table, without its trailer.
struct BlockHandle {
  let offset: Int
  let size: Int

  init(offset: Int, size: Int) {
    self.offset = offset
    self.size = size
  }

  /// Returns the handle that two varints hold.
  init(_ reader: inout ByteReader) throws(FormatError) {
    offset = try reader.count("a block's offset")
    size = try reader.count("a block's size")
  }

  func append(to bytes: inout [UInt8]) {
    bytes.append(varint: UInt64(offset))
    bytes.append(varint: UInt64(size))
  }
}

extension ByteReader {
  /// Returns a base-128 number that can be an offset or a size; `what` names it in errors.
  mutating func count(_ what: String) throws(FormatError) -> Int {
    let start = offset
    var result: UInt64 = 0
    for index in 0..<9 {
      let byte = try byte()
      result |= UInt64(byte & 0x7F) << (7 * UInt64(index))
      if byte < 0x80 { return Int(result) }
    }
    throw error("\(what) has more than 63 bits", at: start)
  }
}

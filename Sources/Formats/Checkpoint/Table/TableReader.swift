/// The entries of a sorted string table, read and verified as a whole.
struct TableReader {
  struct Entry {
    let key: [UInt8]
    let value: ByteReader
  }

  /// The entries, in the order of their keys.
  private(set) var entries: [Entry] = []
  private let bytes: [UInt8]
  private let file: String
  /// Keys share prefixes, so that a small file could stand for any amount of memory.
  private var keyBytes = 0
  private let keyLimit: Int

  /// Reads the table that `bytes` hold.
  ///
  /// - Throws: `FormatError` if the footer, a block handle, a checksum or an entry is wrong, or keys are not in order.
  init(_ bytes: [UInt8], file: String) throws(FormatError) {
    self.bytes = bytes
    self.file = file
    keyLimit = bytes.count * 16 + 1 << 24
    var footer = try footer()
    _ = try block(BlockHandle(&footer))
    var index = try BlockReader(block(BlockHandle(&footer)))
    var key: [UInt8] = []
    while var handle = try index.next(&key) {
      try readBlock(BlockHandle(&handle))
    }
  }

  private func footer() throws(FormatError) -> ByteReader {
    let whole = ByteReader(bytes, file: file)
    guard bytes.count >= TableFormat.footerSize else {
      throw whole.error("the file has \(bytes.count) bytes, too few for a table's footer")
    }
    var footer = whole
    try footer.skip(bytes.count - TableFormat.footerSize)
    var end = footer
    try end.skip(TableFormat.footerSize - 8)
    guard try end.littleEndian(UInt64.self) == TableFormat.magic else {
      throw footer.error("this is no table: its magic number is wrong", at: bytes.count - 8)
    }
    return try footer.slice(TableFormat.footerSize - 8)
  }

  private mutating func readBlock(_ handle: BlockHandle) throws(FormatError) {
    var reader = try BlockReader(block(handle))
    var key: [UInt8] = []
    while let value = try reader.next(&key) {
      keyBytes += key.count
      guard keyBytes <= keyLimit else {
        throw value.error("the keys take more than \(keyLimit) bytes", kind: .resourceExhausted)
      }
      if let last = entries.last, !last.key.lexicographicallyPrecedes(key) {
        throw value.error("the keys of the table are not in order")
      }
      entries.append(Entry(key: key, value: value))
    }
  }

  /// Returns the contents of a block, verified and decompressed.
  private func block(_ handle: BlockHandle) throws(FormatError) -> ByteReader {
    var reader = ByteReader(bytes, file: file)
    try reader.skip(handle.offset)
    guard handle.size <= reader.remaining - TableFormat.trailerSize else {
      throw reader.error("a block of \(handle.size) bytes does not fit into \(reader.remaining)")
    }
    let checked = try reader.slice(handle.size + 1)
    let stored: UInt32 = try reader.littleEndian()
    let computed = Checksum.masked(checked.withRemaining { Checksum.extend(0, $0) })
    guard stored == computed else {
      throw checked.error(
        "checksum of a block: stored \(Checksum.hex(stored)), computed \(Checksum.hex(computed))")
    }
    var contents = checked
    let data = try contents.slice(handle.size)
    switch try contents.byte() {
    case TableFormat.uncompressed: return data
    case TableFormat.snappy:
      return ByteReader(try Snappy.decompress(data), file: "\(file) (decompressed block at \(handle.offset))")
    case let type: throw contents.error("a block is compressed in an unknown way, \(type)", kind: .unimplemented)
    }
  }
}

/// Reads the entries of one block of a table.
private struct BlockReader {
  private var entries: ByteReader

  init(_ block: ByteReader) throws(FormatError) {
    var tail = block
    guard block.remaining >= 4 else { throw block.error("a block has no room for its number of restarts") }
    try tail.skip(block.remaining - 4)
    let restarts = Int(try tail.littleEndian(UInt32.self))
    guard restarts <= (block.remaining - 4) / 4 else {
      throw block.error("a block of \(block.remaining) bytes cannot have \(restarts) restarts")
    }
    var rest = block
    entries = try rest.slice(block.remaining - 4 - 4 * restarts)
  }

  /// Returns the value of the next entry and changes `key` from that of the entry before to its own; nil at the end.
  mutating func next(_ key: inout [UInt8]) throws(FormatError) -> ByteReader? {
    if entries.isAtEnd { return nil }
    let shared = try entries.count("the shared length of a key")
    let unshared = try entries.count("the length of a key")
    let length = try entries.count("the length of a value")
    guard shared <= key.count else {
      throw entries.error("a key shares \(shared) bytes with one of \(key.count)")
    }
    key.removeLast(key.count - shared)
    key += try entries.array(unshared)
    return try entries.slice(length)
  }
}

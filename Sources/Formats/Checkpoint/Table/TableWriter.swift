/// Makes a sorted string table from entries in the order of their keys; equal entries give equal bytes.
///
/// Blocks are cut, restarted and indexed as TensorFlow's `TableBuilder` does with the options of `BundleWriter`: no
/// compression, 256 KiB a block, a restart every 16 entries.
struct TableWriter {
  private static let blockSize = 262_144

  private var bytes: [UInt8] = []
  private var block = BlockWriter(restartInterval: 16)
  private var index = BlockWriter(restartInterval: 1)
  private var lastKey: [UInt8] = []
  /// The block that is written but not in the index yet: its index key depends on the key that follows.
  private var pending: BlockHandle?

  /// Appends an entry, whose key is greater than all before.
  mutating func append(key: [UInt8], value: [UInt8]) {
    if let handle = pending {
      appendToIndex(Self.separator(lastKey, key), handle)
      pending = nil
    }
    block.append(key: key, value: value)
    lastKey = key
    if block.size >= Self.blockSize { finishBlock() }
  }

  /// Returns the bytes of the whole table.
  mutating func finish() -> [UInt8] {
    finishBlock()
    let metaindex = write(BlockWriter(restartInterval: 16))
    if let handle = pending { appendToIndex(Self.successor(lastKey), handle) }
    let indexHandle = write(index)
    var footer: [UInt8] = []
    metaindex.append(to: &footer)
    indexHandle.append(to: &footer)
    footer += [UInt8](repeating: 0, count: TableFormat.footerSize - 8 - footer.count)
    footer.append(littleEndian: TableFormat.magic)
    return bytes + footer
  }

  private mutating func finishBlock() {
    if block.isEmpty { return }
    pending = write(block)
    block = BlockWriter(restartInterval: 16)
  }

  private mutating func appendToIndex(_ key: [UInt8], _ handle: BlockHandle) {
    var value: [UInt8] = []
    handle.append(to: &value)
    index.append(key: key, value: value)
  }

  private mutating func write(_ block: BlockWriter) -> BlockHandle {
    let contents = block.finished()
    let handle = BlockHandle(offset: bytes.count, size: contents.count)
    let checked = contents + [TableFormat.uncompressed]
    bytes += checked
    bytes.append(littleEndian: Checksum.masked(Checksum.of(checked)))
    return handle
  }

  /// Returns a short key from `start` on and before `limit`.
  private static func separator(_ start: [UInt8], _ limit: [UInt8]) -> [UInt8] {
    guard let index = zip(start, limit).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return start }
    guard start[index] < 0xFF, start[index] + 1 < limit[index] else { return start }
    return start[..<index] + [start[index] + 1]
  }

  /// Returns a short key from `key` on.
  private static func successor(_ key: [UInt8]) -> [UInt8] {
    guard let index = key.firstIndex(where: { $0 != 0xFF }) else { return key }
    return key[..<index] + [key[index] + 1]
  }
}

/// Makes one block of a table.
private struct BlockWriter {
  private let restartInterval: Int
  private var bytes: [UInt8] = []
  private var restarts: [UInt32] = [0]
  private var sinceRestart = 0
  private var lastKey: [UInt8] = []

  init(restartInterval: Int) {
    self.restartInterval = restartInterval
  }

  var isEmpty: Bool { bytes.isEmpty }
  /// The size of the block if it ended here.
  var size: Int { bytes.count + 4 * restarts.count + 4 }

  mutating func append(key: [UInt8], value: [UInt8]) {
    var shared = 0
    if sinceRestart < restartInterval {
      shared = zip(lastKey, key).prefix { $0 == $1 }.count
    } else {
      restarts.append(UInt32(bytes.count))
      sinceRestart = 0
    }
    for number in [shared, key.count - shared, value.count] { bytes.append(varint: UInt64(number)) }
    bytes += key[shared...]
    bytes += value
    lastKey = key
    sinceRestart += 1
  }

  func finished() -> [UInt8] {
    var result = bytes
    for restart in restarts { result.append(littleEndian: restart) }
    result.append(littleEndian: UInt32(restarts.count))
    return result
  }
}

/// zlib and gzip streams made without zlib: the data are stored, not compressed.
///
/// Source: RFC 1950, RFC 1951 (3.2.4), RFC 1952.
package enum Deflate {
  /// The most bytes that one stored block holds.
  static let blockSize = 65_535

  /// Returns a zlib stream of `bytes`: compressed if zlib is installed, else stored.
  ///
  /// - Parameter level: From 0, none, to 9, the smallest; -1 is a good middle.
  static func zlib(_ bytes: [UInt8], level: Int = -1) -> [UInt8] {
    (try? compressed(bytes, level)) ?? stored(bytes)
  }

  /// Returns a zlib stream of `bytes`, stored.
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: max(bytes.count, 1), by: blockSize) {
      let end = min(start + blockSize, bytes.count)
      stream += storedBlock(bytes[start..<end], isLast: end == bytes.count)
    }
    return stream + adler32(bytes).bigEndianBytes
  }

  /// Returns one stored block of at most `blockSize` bytes.
  static func storedBlock(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
    var block: [UInt8] = [isLast ? 1 : 0]
    block.append(littleEndian: UInt16(bytes.count))
    block.append(littleEndian: ~UInt16(bytes.count))
    return block + bytes
  }

  private static func compressed(_ bytes: [UInt8], _ level: Int) throws(FormatError) -> [UInt8] {
    let memory = MemoryFile()
    let file = try memory.compressed(.zlib, level: level)
    try file.write(bytes)
    try file.close()
    return memory.bytes
  }

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }
}

/// CRC-32 as in gzip and PNG.
///
/// Source: RFC 1952, section 8.
enum CRC32 {
  /// Returns the checksum of what `previous` is the checksum of, followed by `bytes`.
  static func extend(_ previous: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
    var checksum = ~previous
    for byte in bytes { checksum = checksum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)] }
    return ~checksum
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
  }
}

extension UInt32 {
  /// The four bytes, the highest first.
  var bigEndianBytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}

/// A file in memory.
package final class MemoryFile: WritableFile {
  package let path = "memory"
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
  package func synchronize() {}
  package func close() {}
}

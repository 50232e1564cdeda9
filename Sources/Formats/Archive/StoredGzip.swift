/// Gzip without zlib, for data that are stored in the stream, not compressed.
///
/// What this writes, every gzip reads; without zlib, reading is limited to such streams.
///
/// Source: RFC 1951 (3.2.4), RFC 1952.
enum StoredGzip {
  static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
}

/// Wraps what is written into gzip, uncompressed.
package final class StoredGzipFile: WritableFile {
  private let output: any WritableFile
  private var pending: [UInt8] = []
  private var checksum: UInt32 = 0
  private var count: UInt32 = 0

  package init(_ output: any WritableFile) throws(FormatError) {
    self.output = output
    try output.write(StoredGzip.header)
  }

  package var path: String { output.path }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    pending += bytes
    checksum = CRC32.extend(checksum, bytes)
    count &+= UInt32(truncatingIfNeeded: bytes.count)
    var start = 0
    while pending.count - start > Deflate.blockSize {
      try output.write(Deflate.storedBlock(pending[start..<start + Deflate.blockSize], isLast: false))
      start += Deflate.blockSize
    }
    pending.removeFirst(start)
  }

  package func synchronize() throws(FormatError) {
    try output.synchronize()
  }

  package func close() throws(FormatError) {
    var end = Deflate.storedBlock(pending[...], isLast: true)
    end.append(littleEndian: checksum)
    end.append(littleEndian: count)
    try output.write(end)
    try output.close()
  }
}

/// Unwraps a gzip stream that is stored, not compressed.
package final class StoredGzipSource: ByteSource {
  private let input: BufferedInput
  private let unavailable: FormatError
  private var left = 0
  private var isLast = false
  private var isStarted = false
  private var isAtEnd = false
  private var checksum: UInt32 = 0

  /// Returns the bytes in `source`; a stream that is compressed is answered with `unavailable`.
  package init(_ source: any ByteSource, unavailable: FormatError) {
    input = BufferedInput(source)
    self.unavailable = unavailable
  }

  package var file: String { input.file }
  package var remaining: Int? { isAtEnd ? 0 : nil }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    if !isStarted {
      guard try input.read(StoredGzip.header.count) == StoredGzip.header else { throw unavailable }
      isStarted = true
    }
    while left == 0, !isAtEnd {
      if isLast { try readEnd() } else { try readBlockHeader() }
    }
    if isAtEnd { return 0 }
    let bytes = try input.read(min(left, buffer.count))
    guard !bytes.isEmpty else { throw early() }
    bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
    checksum = CRC32.extend(checksum, bytes)
    left -= bytes.count
    return bytes.count
  }

  private func readBlockHeader() throws(FormatError) {
    let header = try input.read(5)
    guard header.count == 5 else { throw early() }
    guard header[0] <= 1 else { throw unavailable }
    let size: UInt16 = RecordFormat.integer(header[1..<3])
    let complement: UInt16 = RecordFormat.integer(header[3..<5])
    guard size == ~complement else {
      throw FormatError(.dataLoss, file: file, offset: input.offset, "the length of a stored block is damaged")
    }
    isLast = header[0] == 1
    left = Int(size)
  }

  private func readEnd() throws(FormatError) {
    let end = try input.read(8)
    guard end.count == 8 else { throw early() }
    let stored: UInt32 = RecordFormat.integer(end.prefix(4))
    guard stored == checksum else {
      throw FormatError(.dataLoss, file: file, offset: input.offset, "checksum of the gzip stream")
    }
    isAtEnd = true
  }

  private func early() -> FormatError {
    FormatError(.dataLoss, file: file, offset: input.offset, "the gzip stream ends early")
  }
}

extension ByteSource {
  /// Returns the contents of a gzip stream; without zlib, only if it is stored.
  func gunzipped() throws(FormatError) -> any ByteSource {
    do { return try decompressed(.gzip) } catch  where error.kind == .unavailable {
      return StoredGzipSource(self, unavailable: error)
    }
  }
}

extension WritableFile {
  /// Returns a file that wraps what is written into gzip: compressed if zlib is installed, else stored.
  func gzipped() throws(FormatError) -> any WritableFile {
    do { return try compressed(.gzip) } catch  where error.kind == .unavailable {
      return try StoredGzipFile(self)
    }
  }
}

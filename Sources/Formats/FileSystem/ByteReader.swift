/// A cursor over bytes in memory that throws where it would run off their end.
///
/// Every parser of this module reads through it, so that a size claimed by a file is compared with the bytes that are
/// really there before anything is allocated or indexed. Copies share the bytes.
package struct ByteReader: Sendable {
  /// What the bytes are called in errors.
  package let file: String
  private let bytes: [UInt8]
  /// The offset in `file` of the first element of `bytes`.
  private let origin: Int
  private let end: Int
  private var position: Int

  /// Returns a reader of all `bytes`, the first of which lies at `origin` of `file`.
  package init(_ bytes: [UInt8], file: String, origin: Int = 0) {
    self.bytes = bytes
    self.file = file
    self.origin = origin
    position = 0
    end = bytes.count
  }

  private init(_ parent: ByteReader, count: Int) {
    bytes = parent.bytes
    file = parent.file
    origin = parent.origin
    position = parent.position
    end = parent.position + count
  }

  /// The bytes not read yet.
  package var remaining: Int { end - position }
  /// Whether all bytes are read.
  package var isAtEnd: Bool { position == end }
  /// The offset in the file of the next byte.
  package var offset: Int { origin + position }

  /// Returns the next byte.
  package mutating func byte() throws(FormatError) -> UInt8 {
    guard position < end else { throw shortage(of: 1) }
    defer { position += 1 }
    return bytes[position]
  }

  /// Returns the next byte without passing it, or nil at the end.
  package func peek() -> UInt8? {
    position < end ? bytes[position] : nil
  }

  /// Returns the next bytes as a little-endian integer.
  package mutating func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self
  ) throws(FormatError) -> Value {
    let size = Value.bitWidth / 8
    try require(size)
    defer { position += size }
    return Value(littleEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Value.self))
  }

  /// Returns the next `count` bytes.
  package mutating func array(_ count: Int) throws(FormatError) -> [UInt8] {
    try require(count)
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// Returns a reader of the next `count` bytes only, and passes them.
  package mutating func slice(_ count: Int) throws(FormatError) -> ByteReader {
    try require(count)
    defer { position += count }
    return ByteReader(self, count: count)
  }

  /// Passes the next `count` bytes.
  package mutating func skip(_ count: Int) throws(FormatError) {
    try require(count)
    position += count
  }

  /// Returns the bytes up to `delimiter`, and passes them and it.
  package mutating func array(upTo delimiter: UInt8) throws(FormatError) -> [UInt8] {
    guard let stop = bytes[position..<end].firstIndex(of: delimiter) else {
      throw error("expected a byte \(delimiter) before the end")
    }
    defer { position = stop + 1 }
    return Array(bytes[position..<stop])
  }

  /// Calls `body` with the bytes not read yet.
  package func withRemaining<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes[position..<end].withUnsafeBytes(body)
  }

  /// Returns an error about the bytes here, or about those at `offset` of the file.
  package func error(
    _ message: String, kind: FormatError.Kind = .dataLoss, at offset: Int? = nil
  ) -> FormatError {
    FormatError(kind, file: file, offset: offset ?? self.offset, message)
  }

  private func require(_ count: Int) throws(FormatError) {
    guard count >= 0, count <= remaining else { throw shortage(of: count) }
  }

  private func shortage(of count: Int) -> FormatError {
    error("expected \(count) bytes, found the end after \(remaining)")
  }
}

/// The framing of records in TFRecord and event files.
///
///     length (8 bytes) | masked CRC of the length (4) | data (length) | masked CRC of the data (4)
///
/// Source: "TFRecord and tf.train.Example" on tensorflow.org; `tensorflow/core/lib/io/record_writer.h`.
enum RecordFormat {
  static let headerSize = 12
  static let footerSize = 4

  /// Returns the length that a header states, or nil if its checksum is wrong.
  static func length(ofHeader header: ArraySlice<UInt8>) -> UInt64? {
    guard header.count == headerSize else { return nil }
    let stored: UInt32 = integer(header.suffix(4))
    guard Checksum.masked(Checksum.of(header.prefix(8))) == stored else { return nil }
    return integer(header.prefix(8))
  }

  /// Returns the bytes before and after the data of a record.
  static func frame(_ record: UnsafeRawBufferPointer) -> (header: [UInt8], footer: [UInt8]) {
    var header: [UInt8] = []
    header.append(littleEndian: UInt64(record.count))
    header.append(littleEndian: Checksum.masked(Checksum.of(header)))
    var footer: [UInt8] = []
    footer.append(littleEndian: Checksum.masked(Checksum.extend(0, record)))
    return (header, footer)
  }

  static func integer<Value: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Value {
    bytes.reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }
}

/// How a file of records is compressed as a whole.
///
/// Source: `tf.io.TFRecordOptions`.
public enum RecordCompression: String, Hashable, Sendable, CaseIterable {
  /// Not compressed.
  case none = ""
  /// One or more gzip members (RFC 1952).
  case gzip = "GZIP"
  /// A zlib stream (RFC 1950).
  case zlib = "ZLIB"
}

import CKernels

/// CRC-32C (Castagnoli) as TensorFlow's files use it.
///
/// Source: RFC 3720, appendix B.4; `tensorflow/core/lib/hash/crc32c.h`.
package enum Checksum {
  /// Returns the checksum of what `previous` is the checksum of, followed by `bytes`.
  package static func extend(_ previous: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    esp_crc32c_extend(previous, bytes.baseAddress, bytes.count)
  }

  /// Returns the checksum of `bytes`.
  package static func of(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { extend(0, $0) }
  }

  /// Returns the checksum of `bytes`.
  package static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { extend(0, $0) }
  }

  /// Returns what is stored in place of a checksum, so that checksums of bytes with checksums in them stay strong.
  package static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  /// Returns the checksum that is stored as `masked`.
  package static func unmasked(_ masked: UInt32) -> UInt32 {
    let rotated = masked &- 0xA282_EAD8
    return rotated >> 17 | rotated << 15
  }

  /// Returns a checksum as text, for errors.
  static func hex(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}

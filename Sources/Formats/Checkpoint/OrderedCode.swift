/// An encoding of strings and numbers whose byte order is the order of the values; tensor slices are keyed by it.
///
/// Source: `tensorflow/core/lib/strings/ordered_code.cc`.
enum OrderedCode {
  /// Returns the key under which one slice of a tensor is stored.
  ///
  /// Source: `checkpoint::EncodeTensorNameSlice` in `tensorflow/core/util/saved_tensor_slice_util.cc`.
  static func key(of name: [UInt8], slice: TensorSlice) -> [UInt8] {
    var key: [UInt8] = []
    append(0, to: &key)
    append(name, to: &key)
    append(UInt64(slice.extents.count), to: &key)
    for extent in slice.extents {
      append(signed: Int64(extent.start), to: &key)
      append(signed: Int64(extent.length ?? -1), to: &key)
    }
    return key
  }

  /// Appends the number of bytes of `value`, then those bytes, the highest first.
  private static func append(_ value: UInt64, to key: inout [UInt8]) {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }.drop { $0 == 0 }
    key.append(UInt8(bytes.count))
    key += bytes
  }

  /// Appends `string` with 0 and 255 escaped, and an end mark.
  private static func append(_ string: [UInt8], to key: inout [UInt8]) {
    for byte in string {
      key.append(byte)
      if byte == 0 { key.append(0xFF) }
      if byte == 0xFF { key.append(0) }
    }
    key += [0, 1]
  }

  /// Appends `value` in big-endian order, its length in leading ones, its sign by inverting all.
  private static func append(signed value: Int64, to key: inout [UInt8]) {
    let magnitude = value < 0 ? ~value : value
    let length = (Int64.bitWidth - magnitude.leadingZeroBitCount) / 7 + 1
    let sign: UInt8 = value < 0 ? 0xFF : 0
    var bytes = [sign, sign] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    bytes.removeFirst(bytes.count - length)
    let header: UInt16 = ~(0xFFFF >> UInt16(length))
    bytes[0] ^= UInt8(header >> 8)
    if length > 1 { bytes[1] ^= UInt8(header & 0xFF) }
    key += bytes
  }
}

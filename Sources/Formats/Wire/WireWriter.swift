/// Writes the fields of a protobuf message, in the order of the calls.
///
/// Equal calls give equal bytes. Fields with default values are written if asked for; callers leave them out where
/// proto3 does.
package struct WireWriter {
  /// The message so far.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Appends an integer, sign-extended to 64 bits as protobuf does for `int32`, `int64` and enums.
  package mutating func int64(_ number: Int, _ value: Int64) {
    key(number, .varint)
    varint(UInt64(bitPattern: value))
  }

  /// Appends an integer unless it is zero.
  package mutating func int64(_ number: Int, unlessZero value: Int64) {
    if value != 0 { int64(number, value) }
  }

  /// Appends an unsigned integer in four bytes.
  package mutating func fixed32(_ number: Int, _ value: UInt32) {
    key(number, .fixed32)
    littleEndian(value)
  }

  /// Appends a `float`.
  package mutating func float(_ number: Int, _ value: Float) {
    fixed32(number, value.bitPattern)
  }

  /// Appends a `double`.
  package mutating func double(_ number: Int, _ value: Double) {
    key(number, .fixed64)
    littleEndian(value.bitPattern)
  }

  /// Appends a `double` unless it is (positive) zero.
  package mutating func double(_ number: Int, unlessZero value: Double) {
    if value.bitPattern != 0 { double(number, value) }
  }

  /// Appends a `bytes` field.
  package mutating func bytes(_ number: Int, _ value: some Collection<UInt8>) {
    key(number, .lengthDelimited)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Appends a `string`.
  package mutating func string(_ number: Int, _ value: String) {
    bytes(number, value.utf8)
  }

  /// Appends a `string` unless it is empty.
  package mutating func string(_ number: Int, unlessEmpty value: String) {
    if !value.isEmpty { string(number, value) }
  }

  /// Appends a nested message with the fields that `body` writes.
  package mutating func message(_ number: Int, _ body: (inout WireWriter) -> Void) {
    var inner = WireWriter()
    body(&inner)
    bytes(number, inner.bytes)
  }

  /// Appends repeated integers in packed form; nothing if there are none.
  package mutating func packed(_ number: Int, _ values: [Int64]) {
    if values.isEmpty { return }
    message(number) { inner in
      for value in values { inner.varint(UInt64(bitPattern: value)) }
    }
  }

  /// Appends repeated `float`s in packed form; nothing if there are none.
  package mutating func packed(_ number: Int, _ values: [Float]) {
    if values.isEmpty { return }
    key(number, .lengthDelimited)
    varint(UInt64(values.count * 4))
    for value in values { littleEndian(value.bitPattern) }
  }

  /// Appends repeated `double`s in packed form; nothing if there are none.
  package mutating func packed(_ number: Int, _ values: [Double]) {
    if values.isEmpty { return }
    key(number, .lengthDelimited)
    varint(UInt64(values.count * 8))
    for value in values { littleEndian(value.bitPattern) }
  }

  /// Appends fields that were written before.
  package mutating func append(_ fields: [UInt8]) {
    bytes += fields
  }

  /// Appends a base-128 number without a key.
  package mutating func varint(_ value: UInt64) {
    bytes.append(varint: value)
  }

  private mutating func key(_ number: Int, _ type: WireType) {
    varint(UInt64(number) << 3 | UInt64(type.rawValue))
  }

  private mutating func littleEndian<Value: FixedWidthInteger>(_ value: Value) {
    bytes.append(littleEndian: value)
  }
}

extension [UInt8] {
  /// Appends a base-128 number.
  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends the bytes of an integer, the lowest first.
  package mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    for index in 0..<Value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}

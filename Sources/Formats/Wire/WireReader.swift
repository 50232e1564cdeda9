/// How the value of a protobuf field is laid out.
///
/// Source: protobuf.dev, "Encoding".
package enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

/// The key before the value of a protobuf field.
package struct WireTag: Hashable {
  package let number: Int
  package let type: WireType

  package init(number: Int, type: WireType) {
    self.number = number
    self.type = type
  }
}

/// Reads the fields of one protobuf message.
///
/// A message is a loop over `nextTag()` with a switch over number and wire type, whose default is `skip(_:)`: a known
/// number with another wire type counts as unknown, as in protobuf.
package struct WireReader {
  /// How deep messages and groups may be nested; protobuf's own limit.
  package static let depthLimit = 100

  private var input: ByteReader
  private let depth: Int

  /// Returns a reader of the message that `bytes` hold.
  package init(_ bytes: ByteReader) {
    input = bytes
    depth = 0
  }

  /// Returns a reader of the message that `bytes` hold; `file` names them in errors.
  package init(_ bytes: [UInt8], file: String) {
    self.init(ByteReader(bytes, file: file))
  }

  private init(_ bytes: ByteReader, depth: Int) {
    input = bytes
    self.depth = depth
  }

  /// Returns the key of the next field, or nil at the end of the message.
  package mutating func nextTag() throws(FormatError) -> WireTag? {
    if input.isAtEnd { return nil }
    let start = input.offset
    let key = try varint()
    guard key <= UInt64(UInt32.max), key >> 3 != 0, let type = WireType(rawValue: UInt8(key & 7)) else {
      throw input.error("\(key) is not the key of a protobuf field", at: start)
    }
    return WireTag(number: Int(key >> 3), type: type)
  }

  /// Passes the value of an unknown field.
  package mutating func skip(_ tag: WireTag) throws(FormatError) {
    guard tag.type == .startGroup else { return try skipValue(tag.type) }
    var open = [tag.number]
    while let group = open.last {
      guard let inner = try nextTag() else { throw input.error("group \(group) is not closed") }
      switch inner.type {
      case .startGroup:
        guard depth + open.count < Self.depthLimit else { throw tooDeep() }
        open.append(inner.number)
      case .endGroup:
        guard inner.number == group else { throw input.error("group \(group) is closed as \(inner.number)") }
        open.removeLast()
      default: try skipValue(inner.type)
      }
    }
  }

  private mutating func skipValue(_ type: WireType) throws(FormatError) {
    switch type {
    case .varint: _ = try varint()
    case .fixed64: try input.skip(8)
    case .lengthDelimited: _ = try delimited()
    case .fixed32: try input.skip(4)
    case .startGroup, .endGroup: throw input.error("a group is closed that was not opened")
    }
  }

  /// Returns a base-128 number of up to 64 bits.
  package mutating func varint() throws(FormatError) -> UInt64 {
    let start = input.offset
    var result: UInt64 = 0
    for index in 0..<10 {
      let byte = try input.byte()
      result |= UInt64(byte & 0x7F) << (7 * UInt64(index))
      if byte < 0x80 {
        // The tenth byte holds bit 63 only.
        guard index < 9 || byte <= 1 else { break }
        return result
      }
    }
    throw input.error("a varint has more than 64 bits", at: start)
  }

  /// Returns a value of proto type `int64` (also `int32` and enums, sign-extended on the wire).
  package mutating func int64() throws(FormatError) -> Int64 {
    Int64(bitPattern: try varint())
  }

  /// Returns a value of proto type `int32` or an enum: the low 32 bits, as protobuf takes them.
  package mutating func int32() throws(FormatError) -> Int32 {
    Int32(truncatingIfNeeded: try varint())
  }

  /// Returns a value of proto type `bool`.
  package mutating func bool() throws(FormatError) -> Bool {
    try varint() != 0
  }

  /// Returns four bytes as an unsigned integer.
  package mutating func fixed32() throws(FormatError) -> UInt32 {
    try input.littleEndian()
  }

  /// Returns eight bytes as an unsigned integer.
  package mutating func fixed64() throws(FormatError) -> UInt64 {
    try input.littleEndian()
  }

  /// Returns a value of proto type `float`.
  package mutating func float() throws(FormatError) -> Float {
    Float(bitPattern: try fixed32())
  }

  /// Returns a value of proto type `double`.
  package mutating func double() throws(FormatError) -> Double {
    Double(bitPattern: try fixed64())
  }

  /// Returns a value of proto type `bytes`.
  package mutating func bytes() throws(FormatError) -> [UInt8] {
    var content = try delimited()
    return try content.array(content.remaining)
  }

  /// Returns a value of proto type `string`.
  ///
  /// - Throws: `FormatError` if it is not UTF-8, which protobuf refuses too.
  package mutating func string() throws(FormatError) -> String {
    let start = input.offset
    guard let result = String(validating: try bytes(), as: UTF8.self) else {
      throw input.error("expected a string in UTF-8", at: start)
    }
    return result
  }

  /// Returns a reader of a nested message.
  package mutating func message() throws(FormatError) -> WireReader {
    guard depth + 1 < Self.depthLimit else { throw tooDeep() }
    return WireReader(try delimited(), depth: depth + 1)
  }

  /// The bytes that were not read yet.
  package var rest: [UInt8] { input.withRemaining { Array($0) } }

  /// Returns an error about the bytes here.
  package func error(_ message: String) -> FormatError {
    input.error(message)
  }

  private mutating func delimited() throws(FormatError) -> ByteReader {
    let start = input.offset
    let length = try varint()
    guard length <= UInt64(input.remaining) else {
      throw input.error("a field claims \(length) bytes, but \(input.remaining) are left", at: start)
    }
    return try input.slice(Int(length))
  }

  private func tooDeep() -> FormatError {
    input.error("messages are nested deeper than \(Self.depthLimit)", kind: .resourceExhausted)
  }
}

extension WireReader {
  /// Appends the values of a repeated integer field, packed or not; returns false (reading nothing) for other types.
  package mutating func appendVarints(_ tag: WireTag, to values: inout [Int64]) throws(FormatError) -> Bool {
    switch tag.type {
    case .varint: values.append(try int64())
    case .lengthDelimited:
      var packed = WireReader(try delimited(), depth: depth)
      while !packed.input.isAtEnd { values.append(try packed.int64()) }
    default: return false
    }
    return true
  }

  /// Appends the values of a repeated `float` field, packed or not; returns false (reading nothing) for other types.
  package mutating func appendFloats(_ tag: WireTag, to values: inout [Float]) throws(FormatError) -> Bool {
    switch tag.type {
    case .fixed32: values.append(try float())
    case .lengthDelimited:
      let packed = try packedFields(of: 4)
      packed.withRemaining { bytes in
        for offset in stride(from: 0, to: bytes.count, by: 4) {
          let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
          values.append(Float(bitPattern: UInt32(littleEndian: bits)))
        }
      }
    default: return false
    }
    return true
  }

  /// Appends the values of a repeated `double` field, packed or not; returns false (reading nothing) for other types.
  package mutating func appendDoubles(_ tag: WireTag, to values: inout [Double]) throws(FormatError) -> Bool {
    switch tag.type {
    case .fixed64: values.append(try double())
    case .lengthDelimited:
      var packed = try packedFields(of: 8)
      while !packed.isAtEnd { values.append(Double(bitPattern: try packed.littleEndian())) }
    default: return false
    }
    return true
  }

  private mutating func packedFields(of size: Int) throws(FormatError) -> ByteReader {
    let start = input.offset
    let packed = try delimited()
    guard packed.remaining % size == 0 else {
      throw input.error("\(packed.remaining) bytes are not packed values of \(size) bytes", at: start)
    }
    return packed
  }
}

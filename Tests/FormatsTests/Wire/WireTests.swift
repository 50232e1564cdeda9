import EspalierFormats
import TestSupport
import Testing

@Suite struct WireTests {
  @Test func writtenFieldsAreReadBack() throws {
    var writer = WireWriter()
    writer.int64(1, -1)
    writer.float(2, 1.5)
    writer.double(3, -0.25)
    writer.string(4, "grüße")
    writer.message(5) { $0.packed(1, [1, 300, -7] as [Int64]) }
    writer.packed(6, [0.5, .infinity] as [Float])
    writer.packed(7, [0.5, -.infinity] as [Double])
    writer.fixed32(1 << 28, 0xDEAD_BEEF)
    var reader = WireReader(writer.bytes, file: "message")
    #expect(try reader.nextTag() == WireTag(number: 1, type: .varint))
    #expect(try reader.int64() == -1)
    _ = try reader.nextTag()
    #expect(try reader.float() == 1.5)
    _ = try reader.nextTag()
    #expect(try reader.double() == -0.25)
    _ = try reader.nextTag()
    #expect(try reader.string() == "grüße")
    _ = try reader.nextTag()
    var inner = try reader.message()
    var integers: [Int64] = []
    let tag = try #require(try inner.nextTag())
    #expect(try inner.appendVarints(tag, to: &integers))
    #expect(integers == [1, 300, -7])
    var floats: [Float] = []
    let floatTag = try #require(try reader.nextTag())
    #expect(try reader.appendFloats(floatTag, to: &floats))
    #expect(floats == [0.5, .infinity])
    var doubles: [Double] = []
    let doubleTag = try #require(try reader.nextTag())
    #expect(try reader.appendDoubles(doubleTag, to: &doubles))
    #expect(doubles == [0.5, -.infinity])
    #expect(try reader.nextTag() == WireTag(number: 1 << 28, type: .fixed32))
    #expect(try reader.fixed32() == 0xDEAD_BEEF)
    #expect(try reader.nextTag() == nil)
  }

  @Test(arguments: Hostile.numbers)
  func varintsAreReadBack(_ value: UInt64) throws {
    var bytes: [UInt8] = []
    bytes.append(varint: value)
    var reader = WireReader(bytes, file: "varint")
    #expect(try reader.varint() == value)
    for count in 0..<bytes.count {
      var cut = WireReader(Array(bytes.prefix(count)), file: "varint")
      #expect(throws: FormatError.self) { try cut.varint() }
    }
  }

  /// Bytes that are no message: long varints, keys without a number, wire types 6 and 7, wrong groups, lengths beyond
  /// the end, packed values cut.
  @Test(arguments: [
    "ffffffffffffffffff02", "ffffffffffffffffffff01", "00", "02", "0e01", "0f01", "0c", "0b", "0b14", "0b0c0c", "0a05",
    "0aff", "0affffffffffffffffff01", "0affffffff0f", "0d000000", "0900000000000000", "08",
  ])
  func malformedMessagesThrow(_ hex: String) throws {
    let bytes = try #require(Hex.bytes(hex))
    #expect(throws: FormatError.self) { try Self.skipAll(bytes) }
  }

  @Test func unknownGroupsArePassed() throws {
    // 1 { 2 { 3: 5 } 4: "ab" } 9: 1
    let bytes = try #require(Hex.bytes("0b131805142202616" + "20c4801"))
    var reader = WireReader(bytes, file: "groups")
    let group = try #require(try reader.nextTag())
    try reader.skip(group)
    #expect(try reader.nextTag() == WireTag(number: 9, type: .varint))
  }

  /// Neither groups nor messages may be nested without end, which would be a stack overflow.
  @Test func nestingIsLimited() throws {
    let groups = [UInt8](repeating: 0x0B, count: 100_000) + [UInt8](repeating: 0x0C, count: 100_000)
    #expect { try Self.skipAll(groups) } throws: { ($0 as? FormatError)?.kind == .resourceExhausted }
    var bytes: [UInt8] = []
    for _ in 0..<WireReader.depthLimit {
      var outer = WireWriter()
      outer.bytes(1, bytes)
      bytes = outer.bytes
    }
    var reader = WireReader(bytes, file: "messages")
    #expect { while try reader.nextTag() != nil { reader = try reader.message() } } throws: {
      ($0 as? FormatError)?.kind == .resourceExhausted
    }
  }

  @Test func stringsAreUTF8() throws {
    var writer = WireWriter()
    writer.bytes(1, [0xC3, 0x28])
    var reader = WireReader(writer.bytes, file: "text")
    _ = try reader.nextTag()
    #expect(throws: FormatError.self) { try reader.string() }
  }

  private static func skipAll(_ bytes: [UInt8]) throws {
    var reader = WireReader(bytes, file: "message")
    while let tag = try reader.nextTag() { try reader.skip(tag) }
  }
}

import EspalierFormats
import TestSupport
import Testing

@Suite struct TarTests {
  @Test func writtenArchivesAreReadBack() throws {
    let files: [(String, [UInt8])] = [
      ("a", []), ("dir/b", [1, 2, 3]), ("c", [UInt8](repeating: 7, count: 512)),
      ("d", [UInt8](repeating: 8, count: 1025)),
    ]
    let archive = try Self.archive { tar in
      try tar.writeDirectory("dir")
      for (name, bytes) in files { try tar.write(name, bytes) }
    }
    let read = try Self.all(archive)
    #expect(read.map(\.0) == files.map(\.0))
    #expect(read.map(\.1) == files.map(\.1))
    // Contents that nobody reads are passed over.
    let reader = TarReader(MemorySource(archive, file: "a.tar"))
    for (name, bytes) in files { #expect(try reader.next() == TarReader.Entry(name: name, size: bytes.count)) }
    #expect(try reader.next() == nil)
  }

  @Test func truncationAnywhereThrows() throws {
    let whole = try Self.archive { try $0.write("a", [1, 2, 3]) }
    for count in 0..<1536 {
      #expect(throws: FormatError.self) { try Self.all(Array(whole.prefix(count))) }
    }
    #expect(try Self.all(Array(whole.prefix(1536))).count == 1)
  }

  @Test func everyByteOfAHeaderIsChecked() throws {
    let whole = try Self.archive { try $0.write("a", [1, 2, 3]) }
    for position in 0..<512 where !(148..<156).contains(position) {
      var damaged = whole
      damaged[position] ^= 1
      #expect(throws: FormatError.self) { try Self.all(damaged) }
    }
  }

  @Test(arguments: [
    "/etc/passwd", "../a", "a/../../b", "a/..", "..", "C:\\a", "a\\b", "a\u{1}b", "", "c:a",
  ])
  func namesThatLeaveTheDirectoryAreRefused(_ name: String) throws {
    let archive = try Self.archive { try $0.write("a", [1]) }
    let header = Self.header(archive) { $0.replaceSubrange(0..<100, with: Self.padded(name, 100)) }
    #expect { try Self.all(header + archive.dropFirst(512)) } throws: {
      ($0 as? FormatError)?.kind == .invalidArgument
    }
    // The same name in an extended header.
    for extended in try [Self.gnu(name), Self.pax("path", name)] where !name.isEmpty {
      #expect { try Self.all(extended + archive) } throws: { ($0 as? FormatError)?.kind == .invalidArgument }
    }
  }

  @Test(arguments: ["1", "2", "3", "4", "6", "Z"]) func membersThatAreNoFilesAreRefused(_ type: String) throws {
    let archive = try Self.archive { try $0.write("a", [1]) }
    let header = Self.header(archive) { $0[156] = type.utf8.first ?? 0 }
    #expect { try Self.all(header + archive.dropFirst(512)) } throws: {
      ($0 as? FormatError)?.kind == .invalidArgument
    }
  }

  @Test func longNamesAreRead() throws {
    let name = String(repeating: "long/", count: 60) + "grüße"
    let archive = try Self.archive { try $0.write("a", [1, 2]) }
    #expect(try Self.all(Self.gnu(name) + archive).map(\.0) == [name])
    #expect(try Self.all(Self.pax("path", name) + archive).map(\.0) == [name])
    let prefixed = Self.header(archive) { $0.replaceSubrange(345..<500, with: Self.padded("some/prefix", 155)) }
    #expect(try Self.all(prefixed + archive.dropFirst(512)).map(\.0) == ["some/prefix/a"])
    // A size in an extended header replaces that of the header.
    let resized = Self.header(archive) { $0.replaceSubrange(124..<136, with: Self.padded("0", 12)) }
    #expect(try Self.all(Self.pax("size", "2") + resized + archive.dropFirst(512)).map(\.1) == [[1, 2]])
  }

  /// Sizes in octal and binary that the file does not have.
  @Test(arguments: Hostile.numbers.filter { $0 > 128 }) func lyingSizesThrow(_ size: UInt64) throws {
    let archive = try Self.archive { try $0.write("a", [1, 2]) }
    let binary: [UInt8] = [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) }
    let octal = Self.padded(String(size % (1 << 33), radix: 8), 12)
    for field in [binary, octal] where size % (1 << 33) > 2 || field == binary {
      let header = Self.header(archive) { $0.replaceSubrange(124..<136, with: field) }
      #expect(throws: FormatError.self) { try Self.all(header + archive.dropFirst(512)) }
    }
    #expect(throws: FormatError.self) { try Self.all(Self.pax("size", "\(size)") + archive) }
  }

  @Test func malformedExtensionsThrow() throws {
    let archive = try Self.archive { try $0.write("a", [1, 2]) }
    for record in [
      "x", "5 a=b", "99 path=b\n", "3 a\n", "2 \n", "0 path=a\n", "-1 a=b\n", "9 size=x\n", "10 size=-1\n",
    ] {
      let extended = try Self.archive { try $0.write("a", Array(record.utf8)) }
      let header = Self.header(extended) { $0[156] = UInt8(ascii: "x") }
      #expect(throws: FormatError.self, "\(record)") {
        try Self.all(header + extended[512..<1024] + archive)
      }
    }
  }

  private static func archive(_ body: (TarWriter) throws -> Void) throws -> [UInt8] {
    let memory = MemoryFile()
    let tar = TarWriter(memory, time: 0)
    try body(tar)
    try tar.close()
    return memory.bytes
  }

  private static func all(_ archive: [UInt8]) throws -> [(String, [UInt8])] {
    let reader = TarReader(MemorySource(archive, file: "a.tar"))
    var files: [(String, [UInt8])] = []
    while let entry = try reader.next() { files.append((entry.name, try reader.contents())) }
    return files
  }

  /// Returns the first header of an archive, changed, with its checksum right.
  private static func header(_ archive: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var block = Array(archive.prefix(512))
    change(&block)
    block.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
    let digits = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    let field = String(repeating: "0", count: 6 - digits.count) + digits
    block.replaceSubrange(148..<156, with: Array(field.utf8) + [0, 32])
    return block
  }

  private static func padded(_ text: String, _ count: Int) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count)
  }

  private static func gnu(_ name: String) throws -> [UInt8] {
    let member = try archive { try $0.write("L", Array(name.utf8) + [0]) }
    return header(member) { $0[156] = UInt8(ascii: "L") } + member.dropFirst(512).dropLast(1024)
  }

  private static func pax(_ key: String, _ value: String) throws -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count + 1
    while length != rest.utf8.count + String(length).utf8.count { length += 1 }
    let member = try archive { try $0.write("x", Array("\(length)\(rest)".utf8)) }
    return header(member) { $0[156] = UInt8(ascii: "x") } + member.dropFirst(512).dropLast(1024)
  }
}

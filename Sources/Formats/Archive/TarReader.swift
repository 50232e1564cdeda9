/// Reads the files of a tar archive one after the other, without writing anything to the disk.
///
/// Regular files and directories only: links, devices, and names that would leave the directory where the archive is
/// unpacked are refused, not passed over. Long names of pax and GNU are understood.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
package final class TarReader {
  /// A file of the archive.
  package struct Entry: Hashable {
    /// The path, which stays below the directory that it is taken relative to.
    package let name: String
    package let size: Int

    package init(name: String, size: Int) {
      self.name = name
      self.size = size
    }
  }

  private static let blockSize = 512
  /// The longest extended header that is read.
  private static let headerLimit = 1 << 20

  private let input: BufferedInput
  /// What is left of the current file, and its padding.
  private var unread = 0
  private var padding = 0

  package init(_ source: any ByteSource) {
    input = BufferedInput(source)
  }

  /// Returns the next regular file, or nil at the end of the archive.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` if the archive is damaged or cut short, of kind `invalidArgument` at a
  ///   member that is refused.
  package func next() throws(FormatError) -> Entry? {
    var extensions = TarExtensions()
    while true {
      try skipRest()
      let start = input.offset
      let block = try input.read(Self.blockSize)
      guard block.count == Self.blockSize else {
        throw error(start, "the archive ends without its end mark")
      }
      if block.allSatisfy({ $0 == 0 }) { return nil }
      let header = try TarHeader(block, file: input.file, offset: start)
      let size = extensions.size ?? header.size
      unread = size
      padding = (Self.blockSize - size % Self.blockSize) % Self.blockSize
      switch header.type {
      case "L": extensions.name = try longName(start)
      case "x": try extensions.read(ByteReader(extendedHeader(start), file: input.file, origin: start))
      case "g", "K": continue
      default:
        let name = extensions.name ?? header.name
        extensions = TarExtensions()
        if try isFile(header.type, name, start) { return Entry(name: name, size: size) }
      }
    }
  }

  /// Returns the bytes of the file that `next()` returned.
  ///
  /// - Throws: `FormatError` if they are more than `limit` or the archive ends before.
  package func contents(limit: Int = 1 << 30) throws(FormatError) -> [UInt8] {
    let start = input.offset
    guard unread <= limit else {
      throw FormatError(
        .resourceExhausted, file: input.file, offset: start, "a member of \(unread) bytes, the limit is \(limit)")
    }
    let bytes = try input.read(unread)
    guard bytes.count == unread else {
      throw error(start, "the archive ends after \(bytes.count) of \(unread) bytes of a member")
    }
    unread = 0
    return bytes
  }

  /// Returns whether a member is a regular file; false for directories.
  private func isFile(_ type: Character, _ name: String, _ offset: Int) throws(FormatError) -> Bool {
    guard FilePath.staysInside(name) else {
      throw refusal(offset, "the name \(name.debugDescription) leaves the archive's directory")
    }
    switch type {
    case "0", "\0", "7": return !name.hasSuffix("/")
    case "5": return false
    case "1", "2": throw refusal(offset, "\(name.debugDescription) is a link")
    case "3", "4", "6": throw refusal(offset, "\(name.debugDescription) is a device")
    default: throw refusal(offset, "\(name.debugDescription) is of unknown type \(type.debugDescription)")
    }
  }

  private func longName(_ offset: Int) throws(FormatError) -> String {
    let bytes = try extendedHeader(offset).prefix { $0 != 0 }
    guard let name = String(validating: bytes, as: UTF8.self) else { throw error(offset, "a name is not UTF-8") }
    return name
  }

  private func extendedHeader(_ offset: Int) throws(FormatError) -> [UInt8] {
    try contents(limit: Self.headerLimit)
  }

  private func skipRest() throws(FormatError) {
    let start = input.offset
    // Their sum cannot overflow: a size has at most 63 bits, and what has none is refused when it is read.
    for count in [unread, padding] {
      guard try input.skip(count) == count else { throw error(start, "the archive ends within a member") }
    }
    unread = 0
    padding = 0
  }

  private func error(_ offset: Int, _ message: String) -> FormatError {
    FormatError(.dataLoss, file: input.file, offset: offset, message)
  }

  private func refusal(_ offset: Int, _ message: String) -> FormatError {
    FormatError(.invalidArgument, file: input.file, offset: offset, "refused: \(message)")
  }
}

/// The fixed part of a member's header.
private struct TarHeader {
  let name: String
  let size: Int
  let type: Character

  init(_ block: [UInt8], file: String, offset: Int) throws(FormatError) {
    let error = { (message: String) in FormatError(.dataLoss, file: file, offset: offset, message) }
    let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    guard Self.number(block[148..<156]) == sum else { throw error("checksum of a member's header") }
    guard let size = Self.number(block[124..<136]) else { throw error("the size of a member is no number") }
    self.size = size
    type = Character(UnicodeScalar(block[156]))
    var name = Array(block[0..<100].prefix { $0 != 0 })
    let prefix = block[345..<500].prefix { $0 != 0 }
    // GNU tar uses the bytes of the prefix for other things.
    if Array(block[257..<263]) == Array("ustar\0".utf8), !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
    guard let text = String(validating: name, as: UTF8.self) else { throw error("a name is not UTF-8") }
    self.name = text
  }

  /// Returns a number in octal digits, or in binary after a byte 128 (GNU); nil if it is neither, or too large.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if field.first == 0x80 {
      let digits = field.dropFirst().drop { $0 == 0 }
      guard digits.count < 8 else { return nil }
      return digits.reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }
}

/// What extended headers say of the member that follows.
private struct TarExtensions {
  var name: String?
  var size: Int?

  /// Reads pax records: `length key=value\n`.
  mutating func read(_ bytes: ByteReader) throws(FormatError) {
    var reader = bytes
    while let next = reader.peek(), next != 0 {
      let start = reader
      let digits = String(decoding: try reader.array(upTo: 32), as: UTF8.self)
      guard let length = Int(digits), length > digits.utf8.count + 1, length <= start.remaining else {
        throw start.error("the length of a pax record is wrong")
      }
      var record = try reader.slice(length - digits.utf8.count - 1)
      let key = String(decoding: try record.array(upTo: UInt8(ascii: "=")), as: UTF8.self)
      let value = try record.array(record.remaining)
      guard value.last == 10, let text = String(validating: value.dropLast(), as: UTF8.self) else {
        throw start.error("a pax record is not a line in UTF-8")
      }
      if key == "path" { name = text }
      if key == "size" {
        guard let number = Int(text), number >= 0 else { throw start.error("the size of a member is no number") }
        size = number
      }
    }
  }
}

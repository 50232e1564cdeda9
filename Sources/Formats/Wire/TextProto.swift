/// A field of a protobuf message in text form.
package struct TextField: Hashable {
  /// The value as written; strings unescaped.
  package enum Value: Hashable {
    case string([UInt8])
    case scalar(String)
    case message([TextField])
  }

  package let name: String
  package let value: Value
  /// Where the name lies in the text.
  package let offset: Int
}

/// Reads protobuf messages in text form.
///
/// Source: protobuf.dev, "Text Format Language Specification".
package struct TextProtoReader {
  private var input: ByteReader
  private let allowsMessages: Bool
  /// How many messages are open.
  private var depth = 0

  /// Returns a reader of `text`; `file` names it in errors.
  ///
  /// - Parameter allowsMessages: Whether fields may be messages, not only strings, numbers and names.
  package init(_ text: [UInt8], file: String, allowsMessages: Bool = false) {
    input = ByteReader(text, file: file)
    self.allowsMessages = allowsMessages
  }

  /// Returns all fields in order; a list in brackets gives one field for each element.
  package mutating func fields() throws(FormatError) -> [TextField] {
    var fields: [TextField] = []
    while skipBlanks(), let start = input.peek() {
      if depth > 0, Self.isClosing(start) { break }
      let offset = input.offset
      guard Self.isWord(start) else { throw unexpected("the name of a field") }
      let name = try word()
      _ = skipBlanks()
      if !(allowsMessages && input.peek().map(Self.isOpening) == true) {
        guard input.peek() == UInt8(ascii: ":") else { throw unexpected("a colon after \(name)") }
        try input.skip(1)
      }
      for value in try values() { fields.append(TextField(name: name, value: value, offset: offset)) }
      _ = skipBlanks()
      if let next = input.peek(), next == UInt8(ascii: ",") || next == UInt8(ascii: ";") { try input.skip(1) }
    }
    return fields
  }

  /// Returns the fields between brackets.
  private mutating func message() throws(FormatError) -> TextField.Value {
    guard depth < WireReader.depthLimit else {
      throw input.error("messages are nested deeper than \(WireReader.depthLimit)", kind: .resourceExhausted)
    }
    let opening = try input.byte()
    depth += 1
    let fields = try fields()
    guard input.peek() == (opening == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: ">")) else {
      throw unexpected("a bracket that closes the message")
    }
    try input.skip(1)
    depth -= 1
    return .message(fields)
  }

  private mutating func values() throws(FormatError) -> [TextField.Value] {
    _ = skipBlanks()
    guard input.peek() == UInt8(ascii: "[") else { return [try value()] }
    try input.skip(1)
    var values: [TextField.Value] = []
    while true {
      _ = skipBlanks()
      if values.isEmpty, input.peek() == UInt8(ascii: "]") { break }
      values.append(try value())
      _ = skipBlanks()
      guard input.peek() == UInt8(ascii: ",") else { break }
      try input.skip(1)
    }
    guard input.peek() == UInt8(ascii: "]") else { throw unexpected("a bracket that closes the list") }
    try input.skip(1)
    return values
  }

  private mutating func value() throws(FormatError) -> TextField.Value {
    guard let start = input.peek() else { throw unexpected("a value") }
    if allowsMessages, Self.isOpening(start) { return try message() }
    if Self.isQuote(start) {
      var bytes: [UInt8] = []
      // Strings side by side are one string.
      while let quote = input.peek(), Self.isQuote(quote) {
        bytes += try string()
        _ = skipBlanks()
      }
      return .string(bytes)
    }
    guard Self.isWord(start) else { throw unexpected("a value") }
    return .scalar(try word())
  }

  private mutating func string() throws(FormatError) -> [UInt8] {
    let start = input.offset
    let quote = try input.byte()
    var bytes: [UInt8] = []
    while let next = input.peek(), next != UInt8(ascii: "\n") {
      try input.skip(1)
      switch next {
      case quote: return bytes
      case UInt8(ascii: "\\"): bytes += try escape()
      default: bytes.append(next)
      }
    }
    throw input.error("a string is not closed", at: start)
  }

  private mutating func escape() throws(FormatError) -> [UInt8] {
    let start = input.offset
    let letter = try input.byte()
    if let simple = Self.escapes[letter] { return [simple] }
    switch letter {
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      let more = digits(radix: 8, atMost: 2)
      let value = more.reduce(Int(letter) - 48) { $0 * 8 + $1 }
      guard let byte = UInt8(exactly: value) else { throw input.error("an octal escape above 377", at: start) }
      return [byte]
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      let value = digits(radix: 16, atMost: 2)
      guard !value.isEmpty else { throw input.error("an escape without digits", at: start) }
      return [UInt8(value.reduce(0) { $0 * 16 + $1 })]
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = letter == UInt8(ascii: "u") ? 4 : 8
      let value = digits(radix: 16, atMost: count)
      let number = value.reduce(0 as UInt32) { $0 << 4 | UInt32($1) }
      guard value.count == count, let scalar = UnicodeScalar(number) else {
        throw input.error("an escape that is no Unicode scalar", at: start)
      }
      return Array(String(Character(scalar)).utf8)
    default: throw input.error("an unknown escape", at: start)
    }
  }

  private mutating func digits(radix: Int, atMost limit: Int) -> [Int] {
    var result: [Int] = []
    while result.count < limit, let byte = input.peek(),
      let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix, (try? input.skip(1)) != nil
    {
      result.append(digit)
    }
    return result
  }

  private mutating func word() throws(FormatError) -> String {
    var bytes: [UInt8] = []
    while let next = input.peek(), Self.isWord(next) { bytes.append(try input.byte()) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Passes blanks and comments; returns true, so that it can stand in conditions.
  private mutating func skipBlanks() -> Bool {
    var isComment = false
    while let next = input.peek() {
      if next == UInt8(ascii: "#") { isComment = true }
      if next == UInt8(ascii: "\n") { isComment = false }
      guard isComment || Self.blanks.contains(next), (try? input.skip(1)) != nil else { break }
    }
    return true
  }

  private func unexpected(_ expected: String) -> FormatError {
    guard let found = input.peek() else { return input.error("expected \(expected), found the end") }
    return input.error("expected \(expected), found \(String(UnicodeScalar(found)).debugDescription)")
  }

  private static let blanks = Set(" \t\r\n\u{0B}\u{0C}".utf8)
  private static let escapes: [UInt8: UInt8] = Dictionary(
    uniqueKeysWithValues: zip("abfnrtv?\\'\"".utf8, [7, 8, 12, 10, 13, 9, 11, 63, 92, 39, 34]))

  private static func isOpening(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "{") || byte == UInt8(ascii: "<")
  }

  private static func isClosing(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "}") || byte == UInt8(ascii: ">")
  }

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): true
    default: false
    }
  }
}

/// Writes strings as protobuf's text form has them.
package enum TextProto {
  /// Returns `string` in double quotes, with all but printable ASCII escaped.
  package static func quoted(_ string: String) -> String { quoted(Array(string.utf8)) }

  /// Returns `bytes` in double quotes, with all but printable ASCII escaped.
  package static func quoted(_ bytes: [UInt8]) -> String {
    var result = "\""
    for byte in bytes {
      switch byte {
      case 10: result += "\\n"
      case 13: result += "\\r"
      case 9: result += "\\t"
      case 34: result += "\\\""
      case 39: result += "\\'"
      case 92: result += "\\\\"
      case 32..<127: result.unicodeScalars.append(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return result + "\""
  }
}

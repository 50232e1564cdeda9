extension JSONValue {
  /// Returns the value that a text holds.
  ///
  /// - Parameter file: Names the text in errors.
  /// - Throws: `FormatError` with the byte where it is no JSON, or where arrays and objects are nested too deeply.
  package init(parsing text: String, file: String = "JSON") throws(FormatError) {
    var reader = JSONReader(bytes: Array(text.utf8), file: file)
    self = try reader.document()
  }
}

/// Reads JSON byte by byte.
private struct JSONReader {
  private static let deepest = 200

  let bytes: [UInt8]
  let file: String
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func document() throws(FormatError) -> JSONValue {
    let result = try value()
    skipSpace()
    guard position == bytes.count else { throw error("something follows the value") }
    return result
  }

  private func error(_ message: String) -> FormatError {
    FormatError(.dataLoss, file: file, offset: position, message)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(FormatError) -> JSONValue {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.deepest else { throw error("nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func object() throws(FormatError) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected the name of a member") }
      let name = try string()
      guard take(":") else { throw error("expected a colon") }
      members[name] = try value()
    } while take(",")
    guard take("}") else { throw error("expected a comma or a closing brace") }
    return .object(members)
  }

  private mutating func array() throws(FormatError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw error("expected a comma or a closing bracket") }
    return .array(elements)
  }

  private mutating func word() throws(FormatError) -> JSONValue {
    let start = position
    while let byte = next, !",]} \t\r\n".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
        let number = Double(text), number.isFinite
      else {
        position = start
        throw error("expected a value")
      }
      return .number(number)
    }
  }

  private mutating func string() throws(FormatError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else { throw error("a text is not UTF-8") }
        return result
      case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
      case 0..<0x20: throw error("a control character in a text")
      default: text.append(byte)
      }
    }
    throw error("a text without an end")
  }

  private mutating func escape() throws(FormatError) -> Unicode.Scalar {
    guard let byte = next else { throw error("a text without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"): return try codePoint()
    default: throw error("an unknown escape")
    }
  }

  /// Returns the scalar of `\uXXXX`, or of two of them that make a pair.
  private mutating func codePoint() throws(FormatError) -> Unicode.Scalar {
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: Array("\\u".utf8)) {
      position += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(FormatError) -> UInt32 {
    guard bytes.count - position >= 4 else { throw error("a text without an end") }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    guard digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
      throw error("expected four hexadecimal digits")
    }
    position += 4
    return code
  }
}

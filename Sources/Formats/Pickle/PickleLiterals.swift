/// The opcodes that push numbers and texts.
extension PickleReader {
  mutating func pushNumber(_ code: UInt8) throws(FormatError) -> Bool {
    switch Character(UnicodeScalar(code)) {
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.bool(true))
    case "\u{89}": stack.append(.bool(false))
    case "K": stack.append(.int(Int(try input.byte())))
    case "M": stack.append(.int(Int(try input.littleEndian(UInt16.self))))
    case "J": stack.append(.int(Int(try input.littleEndian(Int32.self))))
    case "I":
      let digits = try line()
      // Protocol 0 and 1 write truth values so.
      stack.append(digits == "00" || digits == "01" ? .bool(digits == "01") : .int(try integer(digits)))
    case "L":
      let digits = try line()
      stack.append(.int(try integer(digits.hasSuffix("L") ? String(digits.dropLast()) : digits)))
    case "\u{8A}":
      let bytes = try input.array(Int(input.byte()))
      guard bytes.count <= 8 else { throw input.error("an integer of more than 64 bits", kind: .unimplemented) }
      let magnitude = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      let unused = UInt64(64 - 8 * bytes.count)
      stack.append(.int(bytes.isEmpty ? 0 : Int(Int64(bitPattern: magnitude << unused) >> Int64(unused))))
    case "F":
      let digits = try line()
      guard let value = Double(digits) else { throw input.error("\(digits.debugDescription) is no number") }
      stack.append(.double(value))
    case "G": stack.append(.double(Double(bitPattern: try input.littleEndian(UInt64.self).byteSwapped)))
    default: return false
    }
    return true
  }

  mutating func pushText(_ code: UInt8) throws(FormatError) -> Bool {
    switch Character(UnicodeScalar(code)) {
    case "U", "C": stack.append(.bytes(try input.array(Int(input.byte()))))
    case "T", "B": stack.append(.bytes(try input.array(Int(input.littleEndian(UInt32.self)))))
    case "\u{8E}", "\u{96}": stack.append(.bytes(try input.array(longLength())))
    case "S": stack.append(.bytes(try quoted()))
    case "\u{8C}": try pushUnicode(input.array(Int(input.byte())))
    case "X": try pushUnicode(input.array(Int(input.littleEndian(UInt32.self))))
    case "\u{8D}": try pushUnicode(input.array(longLength()))
    case "V": stack.append(.text(try rawUnicode()))
    default: return false
    }
    return true
  }

  private mutating func pushUnicode(_ bytes: [UInt8]) throws(FormatError) {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw input.error("a text is not UTF-8") }
    stack.append(.text(text))
  }

  private mutating func longLength() throws(FormatError) -> Int {
    let length = try input.littleEndian(UInt64.self)
    guard let count = Int(exactly: length) else { throw input.error("a length of \(length) bytes") }
    return count
  }

  /// Returns the characters up to the end of the line, and passes it.
  mutating func line() throws(FormatError) -> String {
    let bytes = try input.array(upTo: 10)
    guard let text = String(validating: bytes.last == 13 ? bytes.dropLast() : bytes, as: UTF8.self) else {
      throw input.error("a line is not UTF-8")
    }
    return text
  }

  mutating func decimal() throws(FormatError) -> Int {
    try integer(line())
  }

  private func integer(_ digits: String) throws(FormatError) -> Int {
    guard let value = Int(digits) else {
      throw input.error("\(digits.debugDescription) is no integer of 64 bits")
    }
    return value
  }

  /// Returns a `str` of protocol 0: quoted, with the escapes of Python that `repr` writes.
  private mutating func quoted() throws(FormatError) -> [UInt8] {
    let bytes = try input.array(upTo: 10)
    guard bytes.count >= 2, let quote = bytes.first, quote == bytes.last, quote == 34 || quote == 39 else {
      throw input.error("a string without quotes")
    }
    let inner = Array(bytes[1..<bytes.count - 1])
    var result: [UInt8] = []
    var index = 0
    let simple: [UInt8: UInt8] = [110: 10, 114: 13, 116: 9, 92: 92, 39: 39, 34: 34]
    while index < inner.count {
      guard inner[index] == 92 else {
        result.append(inner[index])
        index += 1
        continue
      }
      let escape = inner[(index + 1)...].prefix(3)
      if let first = escape.first, let byte = simple[first] {
        result.append(byte)
        index += 2
      } else if escape.first == 120, escape.count == 3,
        let byte = Self.hexadecimal(escape.dropFirst()).flatMap({ UInt8(exactly: $0) })
      {
        result.append(byte)
        index += 4
      } else {
        throw input.error("an unknown escape in a string")
      }
    }
    return result
  }

  /// Returns a text of protocol 0: Latin-1, with the escapes `\uXXXX` and `\UXXXXXXXX`.
  private mutating func rawUnicode() throws(FormatError) -> String {
    let bytes = try input.array(upTo: 10)
    var text = String.UnicodeScalarView()
    var index = 0
    while index < bytes.count {
      let letter = index + 1 < bytes.count ? bytes[index + 1] : 0
      guard bytes[index] == 92, letter == 117 || letter == 85 else {
        text.append(UnicodeScalar(bytes[index]))
        index += 1
        continue
      }
      let count = letter == 117 ? 4 : 8
      let digits = bytes[(index + 2)...].prefix(count)
      guard digits.count == count, let scalar = Self.hexadecimal(digits).flatMap({ UnicodeScalar($0) }) else {
        throw input.error("an escape that is no Unicode scalar")
      }
      text.append(scalar)
      index += 2 + digits.count
    }
    return String(text)
  }

  /// Returns the number that up to eight digits write, or nil if one is no digit.
  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
    let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard values.count == digits.count else { return nil }
    return values.reduce(0) { $0 << 4 | UInt32($1) }
  }
}

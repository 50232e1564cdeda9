/// The names and numbers of the fields of protobuf messages, for their text form.
///
///     ["Point": "x=1:int y=2:int label=3:bytes tags=4:*bytes next=5:Point"]
///
/// Kinds are `int`, `bool`, `float`, `double`, `bytes` (text too), the name of an enumeration, or that of a message; `*`
/// is for repeated fields.
package struct ProtoSchema: Sendable {
  enum Kind: Sendable {
    case int, bool, float, double, bytes
    case enumeration([String: Int64])
    case message(String)
  }

  struct Field: Sendable {
    let name: String
    let number: Int
    let kind: Kind
  }

  private let messages: [String: [Field]]

  /// Returns a schema of these messages and enumerations.
  init(_ messages: [String: String], enumerations: [String: [String: Int64]] = [:]) {
    let simple: [String: Kind] = ["int": .int, "bool": .bool, "float": .float, "double": .double, "bytes": .bytes]
    self.messages = messages.mapValues { text in
      text.split(separator: " ").compactMap { word in
        let parts = word.split(whereSeparator: { "=:".contains($0) })
        guard parts.count == 3, let number = Int(parts[1]) else { return nil }
        let kind = String(parts[2].drop { $0 == "*" })
        return Field(
          name: String(parts[0]), number: number,
          kind: simple[kind] ?? enumerations[kind].map(Kind.enumeration) ?? .message(kind))
      }
    }
  }

  func field(_ name: String, of message: String) -> Field? { messages[message]?.first { $0.name == name } }
  func field(_ number: Int, of message: String) -> Field? { messages[message]?.first { $0.number == number } }
}

extension ProtoSchema {
  /// Returns a message in binary form from its text form. Fields that are not in the schema are passed over.
  ///
  /// - Throws: `FormatError` if the text is not a message or a value does not fit its field.
  package func binary(_ text: [UInt8], message: String, file: String) throws(FormatError) -> [UInt8] {
    var reader = TextProtoReader(text, file: file, allowsMessages: true)
    return try encoded(try reader.fields(), message, file)
  }

  private func encoded(
    _ fields: [TextField], _ message: String, _ file: String
  ) throws(FormatError) -> [UInt8] {
    var writer = WireWriter()
    for field in fields {
      guard let known = self.field(field.name, of: message) else { continue }
      var fits = true
      switch (known.kind, field.value) {
      case (.message(let name), .message(let inner)): writer.bytes(known.number, try encoded(inner, name, file))
      case (.bytes, .string(let bytes)): writer.bytes(known.number, bytes)
      case (let kind, .scalar(let word)): fits = Self.write(word, kind, known.number, to: &writer)
      default: fits = false
      }
      guard fits else {
        throw FormatError(.dataLoss, file: file, offset: field.offset, "the value of \(field.name) does not fit")
      }
    }
    return writer.bytes
  }

  private static func write(_ word: String, _ kind: Kind, _ number: Int, to writer: inout WireWriter) -> Bool {
    switch kind {
    case .int:
      guard let value = integer(word) else { return false }
      writer.int64(number, value)
    case .bool:
      guard let value = truths[word] else { return false }
      writer.int64(number, value)
    case .enumeration(let names):
      guard let value = names[word] ?? integer(word) else { return false }
      writer.int64(number, value)
    case .float:
      guard let value = Float(decimal(word)) else { return false }
      writer.float(number, value)
    case .double:
      guard let value = Double(decimal(word)) else { return false }
      writer.double(number, value)
    case .bytes, .message: return false
    }
    return true
  }

  private static let truths: [String: Int64] = [
    "true": 1, "True": 1, "t": 1, "1": 1, "false": 0, "False": 0, "f": 0, "0": 0,
  ]

  private static func integer(_ word: String) -> Int64? {
    let digits = word.hasPrefix("-") ? word.dropFirst() : word[...]
    let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
    guard let size = isHexadecimal ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits) else { return nil }
    let bits = Int64(bitPattern: size)
    return word.hasPrefix("-") ? 0 &- bits : bits
  }

  /// Returns a number as Swift reads it: without the `f` that may end it.
  private static func decimal(_ word: String) -> String {
    word.hasSuffix("f") && !word.hasSuffix("inf") ? String(word.dropLast()) : word
  }
}

extension ProtoSchema {
  /// Returns a message, given in binary form, as a file holds it: as text or as it is.
  ///
  /// - Throws: `FormatError` if the bytes are not a message.
  package func contents(
    _ bytes: [UInt8], message: String, asText: Bool, file: String
  ) throws(FormatError) -> [UInt8] {
    asText ? Array(try text(bytes, message: message, file: file).utf8) : bytes
  }

  /// Returns a message in text form from its binary form. Fields that are not in the schema are left out.
  ///
  /// - Throws: `FormatError` if the bytes are not a message.
  package func text(_ bytes: [UInt8], message: String, file: String) throws(FormatError) -> String {
    var reader = WireReader(bytes, file: file)
    var text = ""
    try print(&reader, message, indent: "", to: &text)
    return text
  }

  private func print(
    _ reader: inout WireReader, _ message: String, indent: String, to text: inout String
  ) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard let field = field(tag.number, of: message) else {
        try reader.skip(tag)
        continue
      }
      if case .message(let name) = field.kind, tag.type == .lengthDelimited {
        var inner = try reader.message()
        text += "\(indent)\(field.name) {\n"
        try print(&inner, name, indent: indent + "  ", to: &text)
        text += "\(indent)}\n"
      } else {
        for value in try Self.values(of: field, tag, &reader) { text += "\(indent)\(field.name): \(value)\n" }
      }
    }
  }

  private static func values(
    of field: Field, _ tag: WireTag, _ reader: inout WireReader
  ) throws(FormatError) -> [String] {
    var integers: [Int64] = []
    switch field.kind {
    case .bytes where tag.type == .lengthDelimited: return [TextProto.quoted(try reader.bytes())]
    case .float:
      var values: [Float] = []
      if try reader.appendFloats(tag, to: &values) { return values.map { "\($0)" } }
    case .double:
      var values: [Double] = []
      if try reader.appendDoubles(tag, to: &values) { return values.map { "\($0)" } }
    case .int: if try reader.appendVarints(tag, to: &integers) { return integers.map { "\($0)" } }
    case .bool: if try reader.appendVarints(tag, to: &integers) { return integers.map { $0 == 0 ? "false" : "true" } }
    case .enumeration(let names):
      if try reader.appendVarints(tag, to: &integers) {
        return integers.map { value in names.filter { $0.value == value }.keys.min() ?? "\(value)" }
      }
    default: break
    }
    try reader.skip(tag)
    return []
  }
}

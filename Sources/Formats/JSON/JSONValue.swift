/// A value of JSON.
///
/// Source: RFC 8259.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The member of an object, or nil.
  package subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The text, if this is one.
  package var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if this is one.
  package var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The elements, if this is an array.
  package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// The members, if this is an object.
  package var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { $1 })
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as JSON in one line, members in alphabetical order. Numbers that are not finite, which JSON does not
  /// have, become texts.
  package var description: String {
    switch self {
    case .null: return "null"
    case .bool(let truth): return truth ? "true" : "false"
    case .number(let number): return Self.text(number)
    case .string(let text): return Self.quoted(text)
    case .array(let elements): return "[" + elements.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      let words = members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ":" + $0.value.description }
      return "{" + words.joined(separator: ",") + "}"
    }
  }

  private static func text(_ number: Double) -> String {
    guard number.isFinite else { return quoted("\(number)") }
    guard let whole = Int(exactly: number), abs(whole) < 1 << 53 else { return "\(number)" }
    return "\(whole)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

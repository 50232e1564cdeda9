import Foundation

/// A JSON value, for the expectations that lie beside reference data.
package enum JSON: Decodable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// Returns the JSON file at `path` below the reference data.
  package static func shared(_ path: String) throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(contentsOf: SharedData.url(path)))
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  /// Returns the member called `key`.
  ///
  /// - Throws: `Mismatch` if there is none.
  package subscript(_ key: String) -> JSON {
    get throws {
      guard let value = try object[key] else { throw Mismatch(expected: "a member \(key)") }
      return value
    }
  }

  /// The members.
  package var object: [String: JSON] {
    get throws {
      guard case .object(let value) = self else { throw Mismatch(expected: "an object") }
      return value
    }
  }

  /// The elements.
  package var array: [JSON] {
    get throws {
      guard case .array(let value) = self else { throw Mismatch(expected: "an array") }
      return value
    }
  }

  /// The text.
  package var string: String {
    get throws {
      guard case .string(let value) = self else { throw Mismatch(expected: "a string") }
      return value
    }
  }

  /// The number; also of a text that is one, as Python writes it.
  package var double: Double {
    get throws {
      switch self {
      case .number(let value): return value
      case .string(let text):
        guard let value = Double(text) else { throw Mismatch(expected: "a number, not \(text)") }
        return value
      default: throw Mismatch(expected: "a number")
      }
    }
  }

  /// The integer; also of a text that is one.
  package var int: Int {
    get throws {
      switch self {
      case .string(let text):
        guard let value = Int(text) else { throw Mismatch(expected: "an integer, not \(text)") }
        return value
      default:
        guard let value = Int(exactly: try double) else { throw Mismatch(expected: "an integer") }
        return value
      }
    }
  }

  /// The truth value.
  package var bool: Bool {
    get throws {
      guard case .bool(let value) = self else { throw Mismatch(expected: "true or false") }
      return value
    }
  }

  /// The bytes that a text writes as pairs of hexadecimal digits.
  package var hex: [UInt8] {
    get throws {
      guard let bytes = try Hex.bytes(string) else { throw Mismatch(expected: "hexadecimal digits") }
      return bytes
    }
  }

  /// Whether this is `null`.
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  package struct Mismatch: Error {
    package let expected: String
  }
}

/// Bytes written as pairs of hexadecimal digits.
package enum Hex {
  /// Returns the bytes of `text`, or nil if it is not pairs of digits.
  package static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Returns `bytes` as digits.
  package static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

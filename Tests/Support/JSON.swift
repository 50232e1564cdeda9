import EspalierFormats
import Foundation

/// A JSON value of the expectations that lie beside reference data: a part that is not as a test expects is an error.
package struct JSON: Sendable {
  package let value: JSONValue

  package init(_ value: JSONValue) {
    self.value = value
  }

  /// Returns the JSON file at `path` below the reference data.
  package static func shared(_ path: String) throws -> JSON {
    let url = try SharedData.url(path)
    return JSON(try JSONValue(parsing: String(contentsOf: url, encoding: .utf8), file: url.path))
  }

  /// Returns the member called `key`.
  ///
  /// - Throws: `Mismatch` if there is none.
  package subscript(_ key: String) -> JSON {
    get throws { JSON(try Self.expect(value[key], "a member \(key)")) }
  }

  /// The members.
  package var object: [String: JSON] {
    get throws { try Self.expect(value.members, "an object").mapValues(JSON.init) }
  }

  /// The elements.
  package var array: [JSON] {
    get throws { try Self.expect(value.elements, "an array").map(JSON.init) }
  }

  /// The text.
  package var string: String {
    get throws { try Self.expect(value.text, "a text") }
  }

  /// The number; also of a text that is one, as Python writes it.
  package var double: Double {
    get throws { try Self.expect(value.number ?? value.text.flatMap(Double.init), "a number, not \(value)") }
  }

  /// The integer; also of a text that is one.
  package var int: Int {
    get throws {
      try Self.expect(value.number.flatMap(Int.init(exactly:)) ?? value.text.flatMap { Int($0) }, "an integer")
    }
  }

  /// The truth value.
  package var bool: Bool {
    get throws {
      guard case .bool(let truth) = value else { throw Mismatch(expected: "true or false") }
      return truth
    }
  }

  /// The bytes that a text writes as pairs of hexadecimal digits.
  package var hex: [UInt8] {
    get throws { try Self.expect(Hex.bytes(string), "hexadecimal digits") }
  }

  /// Whether this is `null`.
  package var isNull: Bool { value == .null }

  private static func expect<Part>(_ part: Part?, _ expected: String) throws -> Part {
    guard let part else { throw Mismatch(expected: expected) }
    return part
  }

  package struct Mismatch: Error {
    package let expected: String
  }
}

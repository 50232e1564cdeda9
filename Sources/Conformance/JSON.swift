import Foundation

/// A JSON value.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

extension JSON: Decodable {
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
}

extension JSON {
  /// The member with this key, or nil.
  package subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The members; none if this is not an object.
  package var members: [String: JSON] {
    if case .object(let members) = self { members } else { [:] }
  }

  /// The elements; nil if this is not an array.
  package var elements: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The number, which may be written as a string: `"nan"`, `"0.1"`.
  package var double: Double? {
    switch self {
    case .number(let value): value
    case .string(let text): Double(text)
    default: nil
    }
  }

  /// The integer, if this is one.
  package var int: Int? { double.flatMap(Int.init(exactly:)) }

  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The integers of an array, or a single one.
  package var ints: [Int]? {
    if let int { return [int] }
    let values = elements?.compactMap(\.int)
    return values?.count == elements?.count ? values : nil
  }

  /// The numbers of an array, or a single one.
  package var doubles: [Double]? {
    if let double { return [double] }
    let values = elements?.compactMap(\.double)
    return values?.count == elements?.count ? values : nil
  }
}

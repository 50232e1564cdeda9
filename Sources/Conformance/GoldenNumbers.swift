import EspalierFormats

extension JSONValue {
  /// The number, which golden files may write as a text: `"nan"`, `"0.1"`.
  package var double: Double? { number ?? text.flatMap(Double.init) }

  /// The integer, if this is one.
  package var int: Int? { double.flatMap(Int.init(exactly:)) }

  /// The truth value, if this is one.
  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The integers of an array, or a single one.
  package var ints: [Int]? { all(\.int) }

  /// The numbers of an array, or a single one.
  package var doubles: [Double]? { all(\.double) }

  /// What `part` finds in this value, or else in each element; nil if one has none.
  private func all<Part>(_ part: (JSONValue) -> Part?) -> [Part]? {
    if let single = part(self) { return [single] }
    let parts = elements?.compactMap(part)
    return parts?.count == elements?.count ? parts : nil
  }
}

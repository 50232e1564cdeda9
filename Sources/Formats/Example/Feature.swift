/// The value of one feature of an `Example`: a list of byte strings, of floats or of integers.
///
/// Source: `tf.train.Feature`, `tf.train.BytesList`, `tf.train.FloatList`, `tf.train.Int64List`.
public enum Feature: Hashable, Sendable {
  /// Byte strings, such as encoded images and texts.
  case bytes([[UInt8]])
  /// Single-precision numbers.
  case float([Float])
  /// Integers.
  case int64([Int64])
  /// A feature of which only the name is there.
  case unset
}

extension Feature {
  /// Returns the feature that `reader` holds.
  init(_ reader: inout WireReader) throws(FormatError) {
    self = .unset
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var list = try reader.message()
        self = .bytes(try Self.readBytes(&list, after: self))
      case (2, .lengthDelimited):
        var list = try reader.message()
        self = .float(try Self.readFloats(&list, after: self))
      case (3, .lengthDelimited):
        var list = try reader.message()
        self = .int64(try Self.readIntegers(&list, after: self))
      default: try reader.skip(tag)
      }
    }
  }

  // A oneof set twice: the same kind is merged, another kind wins.

  private static func readBytes(_ reader: inout WireReader, after old: Feature) throws(FormatError) -> [[UInt8]] {
    var values: [[UInt8]] = if case .bytes(let before) = old { before } else { [] }
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .lengthDelimited) {
        values.append(try reader.bytes())
      } else {
        try reader.skip(tag)
      }
    }
    return values
  }

  private static func readFloats(_ reader: inout WireReader, after old: Feature) throws(FormatError) -> [Float] {
    var values: [Float] = if case .float(let before) = old { before } else { [] }
    while let tag = try reader.nextTag() {
      if tag.number == 1, try reader.appendFloats(tag, to: &values) { continue }
      try reader.skip(tag)
    }
    return values
  }

  private static func readIntegers(_ reader: inout WireReader, after old: Feature) throws(FormatError) -> [Int64] {
    var values: [Int64] = if case .int64(let before) = old { before } else { [] }
    while let tag = try reader.nextTag() {
      if tag.number == 1, try reader.appendVarints(tag, to: &values) { continue }
      try reader.skip(tag)
    }
    return values
  }

  func write(to writer: inout WireWriter) {
    switch self {
    case .bytes(let values):
      writer.message(1) { list in
        for value in values { list.bytes(1, value) }
      }
    case .float(let values): writer.message(2) { $0.packed(1, values) }
    case .int64(let values): writer.message(3) { $0.packed(1, values) }
    case .unset: break
    }
  }

  /// TensorFlow's name of the element type, as its messages have it.
  var typeName: String? {
    switch self {
    case .bytes: "string"
    case .float: "float"
    case .int64: "int64"
    case .unset: nil
    }
  }

  /// The number of values.
  public var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .float(let values): values.count
    case .int64(let values): values.count
    case .unset: 0
    }
  }
}

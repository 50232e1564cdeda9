/// A training example: named features, as stored in the records of TFRecord files.
///
///     let example = Example(features: ["image": .bytes([pixels]), "label": .int64([3])])
///     try writer.write(example.serialized())
///
/// Source: `tf.train.Example`, `tensorflow/core/example/example.proto`.
public struct Example: Hashable, Sendable {
  /// The features by name.
  public var features: [String: Feature]

  /// Returns an example with these features.
  public init(features: [String: Feature] = [:]) {
    self.features = features
  }

  /// Returns the example that `bytes` hold as a protobuf message.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - file: What the bytes are called in errors. Default: `Example`.
  /// - Throws: `FormatError` of kind `dataLoss` if they are not such a message.
  public init(serialized bytes: [UInt8], file: String = "Example") throws(FormatError) {
    features = [:]
    var reader = WireReader(bytes, file: file)
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .lengthDelimited) {
        var message = try reader.message()
        try FeatureMap.read(&message, into: &features)
      } else {
        try reader.skip(tag)
      }
    }
  }

  /// Returns the protobuf message. Features are in the order of their names, so that equal examples give equal bytes.
  public func serialized() -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { FeatureMap.write(features, to: &$0) }
    return writer.bytes
  }
}

/// An example whose features are sequences, beside a context of plain features.
///
/// Source: `tf.train.SequenceExample`.
public struct SequenceExample: Hashable, Sendable {
  /// The features of the example as a whole, by name.
  public var context: [String: Feature]
  /// For every name, one feature for each step of the sequence.
  public var featureLists: [String: [Feature]]

  /// Returns an example with these features.
  public init(context: [String: Feature] = [:], featureLists: [String: [Feature]] = [:]) {
    self.context = context
    self.featureLists = featureLists
  }

  /// Returns the example that `bytes` hold as a protobuf message.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - file: What the bytes are called in errors. Default: `SequenceExample`.
  /// - Throws: `FormatError` of kind `dataLoss` if they are not such a message.
  public init(serialized bytes: [UInt8], file: String = "SequenceExample") throws(FormatError) {
    context = [:]
    featureLists = [:]
    var reader = WireReader(bytes, file: file)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var message = try reader.message()
        try FeatureMap.read(&message, into: &context)
      case (2, .lengthDelimited):
        var message = try reader.message()
        try readLists(&message)
      default: try reader.skip(tag)
      }
    }
  }

  private mutating func readLists(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard tag == WireTag(number: 1, type: .lengthDelimited) else {
        try reader.skip(tag)
        continue
      }
      var entry = try reader.message()
      let (name, list) = try FeatureMap.readEntry(&entry) { value throws(FormatError) in
        try Self.readList(&value)
      }
      featureLists[name] = list ?? []
    }
  }

  private static func readList(_ reader: inout WireReader) throws(FormatError) -> [Feature] {
    var list: [Feature] = []
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .lengthDelimited) {
        var message = try reader.message()
        list.append(try Feature(&message))
      } else {
        try reader.skip(tag)
      }
    }
    return list
  }

  /// Returns the protobuf message, with names in order.
  public func serialized() -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { FeatureMap.write(context, to: &$0) }
    writer.message(2) { lists in
      for (name, list) in FeatureMap.sorted(featureLists) {
        lists.message(1) { entry in
          entry.string(1, name)
          entry.message(2) { value in
            for feature in list { value.message(1) { feature.write(to: &$0) } }
          }
        }
      }
    }
    return writer.bytes
  }
}

/// The protobuf map from names to features.
private enum FeatureMap {
  static func read(_ reader: inout WireReader, into features: inout [String: Feature]) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard tag == WireTag(number: 1, type: .lengthDelimited) else {
        try reader.skip(tag)
        continue
      }
      var entry = try reader.message()
      let (name, feature) = try readEntry(&entry) { value throws(FormatError) in try Feature(&value) }
      // A key that comes twice has the value that came last.
      features[name] = feature ?? .unset
    }
  }

  static func readEntry<Value>(
    _ reader: inout WireReader, value read: (inout WireReader) throws(FormatError) -> Value
  ) throws(FormatError) -> (name: String, value: Value?) {
    var name = ""
    var value: Value?
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try reader.string()
      case (2, .lengthDelimited):
        var message = try reader.message()
        value = try read(&message)
      default: try reader.skip(tag)
      }
    }
    return (name, value)
  }

  static func write(_ features: [String: Feature], to writer: inout WireWriter) {
    for (name, feature) in sorted(features) {
      writer.message(1) { entry in
        entry.string(1, name)
        entry.message(2) { feature.write(to: &$0) }
      }
    }
  }

  /// Returns the entries in byte order of their names.
  static func sorted<Value>(_ map: [String: Value]) -> [(key: String, value: Value)] {
    map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}

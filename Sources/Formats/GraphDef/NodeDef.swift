import EspalierGraph

/// A node of a graph as files have it.
///
/// Source: `tensorflow/core/framework/node_def.proto`.
package struct NodeDef {
  package var name: String
  /// TensorFlow's name of the operation.
  package var operation: String
  /// `node`, `node:1` or `^node`, which only has to run before.
  package var inputs: [String]
  package var device: String
  package var attributes: [String: NodeAttribute]

  package init(
    name: String = "", operation: String = "", inputs: [String] = [], device: String = "",
    attributes: [String: NodeAttribute] = [:]
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.device = device
    self.attributes = attributes
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    self.init()
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try reader.string()
      case (2, .lengthDelimited): operation = try reader.string()
      case (3, .lengthDelimited): inputs.append(try reader.string())
      case (4, .lengthDelimited): device = try reader.string()
      case (5, .lengthDelimited):
        let (key, value) = try reader.mapEntry { value throws(FormatError) in try NodeAttribute(&value) }
        attributes[key] = value ?? .unset
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, name)
    writer.string(2, operation)
    for input in inputs { writer.string(3, input) }
    writer.string(4, unlessEmpty: device)
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      writer.message(5) { entry in
        entry.string(1, name)
        entry.message(2) { value.write(to: &$0) }
      }
    }
  }
}

extension WireReader {
  /// Returns key and value of an entry of a map from strings to messages; the value is nil if the entry has none.
  mutating func mapEntry<Value>(
    _ read: (inout WireReader) throws(FormatError) -> Value
  ) throws(FormatError) -> (key: String, value: Value?) {
    var entry = try message()
    var key = ""
    var value: Value?
    while let tag = try entry.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): key = try entry.string()
      case (2, .lengthDelimited):
        var inner = try entry.message()
        value = try read(&inner)
      default: try entry.skip(tag)
      }
    }
    return (key, value)
  }
}

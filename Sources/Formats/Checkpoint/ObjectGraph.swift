/// What the variables of an object-based checkpoint are called.
///
/// TensorFlow 2 stores tensors under the path of the objects that own them, `model/dense/kernel/.ATTRIBUTES/…`, and
/// beside them the names that the variables have, `dense/kernel`.
///
/// Source: `tensorflow/core/protobuf/trackable_object_graph.proto`, `tf.train.Checkpoint`.
struct ObjectGraph {
  /// The name of the tensor that holds it.
  static let key = "_CHECKPOINTABLE_OBJECT_GRAPH"

  /// The keys of tensors by the names of their variables. A name that several variables share stands for none.
  let keys: [String: String]

  init(serialized bytes: [UInt8], file: String) throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    var keys: [String: String?] = [:]
    while let tag = try reader.nextTag() {
      guard tag == WireTag(number: 1, type: .lengthDelimited) else {
        try reader.skip(tag)
        continue
      }
      var object = try reader.message()
      while let tag = try object.nextTag() {
        guard tag == WireTag(number: 2, type: .lengthDelimited) else {
          try object.skip(tag)
          continue
        }
        var attribute = try object.message()
        let (name, key) = try Self.names(&attribute)
        if !name.isEmpty { keys[name] = keys[name] == nil ? key : .some(nil) }
      }
    }
    self.keys = keys.compactMapValues { $0 }
  }

  private static func names(_ reader: inout WireReader) throws(FormatError) -> (name: String, key: String) {
    var (name, key) = ("", "")
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (2, .lengthDelimited): name = try reader.string()
      case (3, .lengthDelimited): key = try reader.string()
      default: try reader.skip(tag)
      }
    }
    return (name, key)
  }
}

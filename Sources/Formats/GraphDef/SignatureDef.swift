import EspalierGraph

/// What a tensor of a signature is called in the graph, and its type.
///
/// Source: `TensorInfo` in `tensorflow/core/protobuf/meta_graph.proto`.
package struct TensorInfo {
  /// The tensor's name, `node:0`; empty for a sparse tensor, which is several.
  package var name = ""
  /// TensorFlow's number of the element type.
  package var typeNumber = 0
  package var shape = Shape.unknown
  /// Whether the value is a sparse tensor.
  package private(set) var isSparse = false

  package init(name: String, typeNumber: Int, shape: Shape) {
    self.name = name
    self.typeNumber = typeNumber
    self.shape = shape
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try reader.string()
      case (2, .varint): typeNumber = Int(try reader.int32())
      case (3, .lengthDelimited):
        var message = try reader.message()
        shape = try PartialShape.read(&message)
      case (4, .lengthDelimited), (5, .lengthDelimited):
        isSparse = true
        try reader.skip(tag)
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, name)
    writer.int64(2, unlessZero: Int64(typeNumber))
    writer.message(3) { PartialShape.write(shape, to: &$0) }
  }
}

/// A way to call a graph.
///
/// Source: `SignatureDef` in `tensorflow/core/protobuf/meta_graph.proto`.
package struct SignatureDef {
  package var inputs: [String: TensorInfo] = [:]
  package var outputs: [String: TensorInfo] = [:]
  /// What kind of call it is, `tensorflow/serving/predict`.
  package var methodName = ""

  package init(inputs: [String: TensorInfo], outputs: [String: TensorInfo], methodName: String) {
    self.inputs = inputs
    self.outputs = outputs
    self.methodName = methodName
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): try Self.read(&reader, into: &inputs)
      case (2, .lengthDelimited): try Self.read(&reader, into: &outputs)
      case (3, .lengthDelimited): methodName = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  private static func read(
    _ reader: inout WireReader, into tensors: inout [String: TensorInfo]
  ) throws(FormatError) {
    let (key, value) = try reader.mapEntry { value throws(FormatError) in try TensorInfo(&value) }
    tensors[key] = value
  }

  func write(to writer: inout WireWriter) {
    for (number, tensors) in [(1, inputs), (2, outputs)] {
      for (key, info) in tensors.sorted(by: { $0.key < $1.key }) {
        writer.message(number) { entry in
          entry.string(1, key)
          entry.message(2) { info.write(to: &$0) }
        }
      }
    }
    writer.string(3, unlessEmpty: methodName)
  }
}

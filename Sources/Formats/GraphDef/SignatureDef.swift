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

/// How the nodes of a graph that save and restore its variables are called.
///
/// Source: `tensorflow/core/protobuf/saver.proto`.
package struct SaverDef {
  package var filenameTensor = ""
  package var saveTensor = ""
  package var restoreOperation = ""
  package var maxToKeep = 5
  package var keepEveryNHours: Float = 10_000
  /// 2 is the format of `CheckpointReader`.
  package var version = 2

  package init(filenameTensor: String, saveTensor: String, restoreOperation: String) {
    self.filenameTensor = filenameTensor
    self.saveTensor = saveTensor
    self.restoreOperation = restoreOperation
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): filenameTensor = try reader.string()
      case (2, .lengthDelimited): saveTensor = try reader.string()
      case (3, .lengthDelimited): restoreOperation = try reader.string()
      case (4, .varint): maxToKeep = Int(try reader.int32())
      case (6, .fixed32): keepEveryNHours = try reader.float()
      case (7, .varint): version = Int(try reader.int32())
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, filenameTensor)
    writer.string(2, saveTensor)
    writer.string(3, restoreOperation)
    writer.int64(4, unlessZero: Int64(maxToKeep))
    writer.float(6, keepEveryNHours)
    writer.int64(7, unlessZero: Int64(version))
  }
}

/// How the nodes of a variable are called.
///
/// Source: `tensorflow/core/framework/variable.proto`.
package struct VariableDef {
  /// The tensor of the variable itself.
  package var variable = ""
  /// The node that initializes it.
  package var initializer = ""
  /// The tensor by which it is read.
  package var snapshot = ""
  package var initialValue = ""
  package var isResource = false
  package var isTrainable = true

  package init(
    variable: String, initializer: String, snapshot: String, initialValue: String, isTrainable: Bool
  ) {
    self.variable = variable
    self.initializer = initializer
    self.snapshot = snapshot
    self.initialValue = initialValue
    self.isTrainable = isTrainable
  }

  /// Returns the definition that `bytes` hold.
  package init(serialized bytes: [UInt8], file: String) throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    // Field 7 is written only if it is true.
    isTrainable = false
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): variable = try reader.string()
      case (2, .lengthDelimited): initializer = try reader.string()
      case (3, .lengthDelimited): snapshot = try reader.string()
      case (5, .varint): isResource = try reader.bool()
      case (6, .lengthDelimited): initialValue = try reader.string()
      case (7, .varint): isTrainable = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  /// The bytes of the message.
  package var serialized: [UInt8] {
    var writer = WireWriter()
    writer.string(1, variable)
    writer.string(2, initializer)
    writer.string(3, snapshot)
    if isResource { writer.int64(5, 1) }
    writer.string(6, unlessEmpty: initialValue)
    if isTrainable { writer.int64(7, 1) }
    return writer.bytes
  }
}

/// How the nodes of a graph that save and restore its variables are called.
///
/// Source: `tensorflow/core/protobuf/saver.proto`.
package struct SaverDef {
  package var filenameTensor = ""
  package var saveTensor = ""
  package var restoreOperation = ""
  package var maxToKeep = 5
  /// Whether each device writes a file of its own.
  package var isSharded = false
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
      case (5, .varint): isSharded = try reader.bool()
      case (6, .fixed32): keepEveryNHours = try reader.float()
      case (7, .varint): version = Int(try reader.int32())
      default: try reader.skip(tag)
      }
    }
  }

  /// The bytes of the message.
  package var serialized: [UInt8] {
    var writer = WireWriter()
    write(to: &writer)
    return writer.bytes
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, filenameTensor)
    writer.string(2, saveTensor)
    writer.string(3, restoreOperation)
    writer.int64(4, unlessZero: Int64(maxToKeep))
    if isSharded { writer.int64(5, 1) }
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
  /// Which part of a larger variable it is.
  package var slice: SaveSliceInfoDef?

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
      case (4, .lengthDelimited):
        var message = try reader.message()
        slice = try SaveSliceInfoDef(&message)
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
    if let slice { writer.message(4) { slice.write(to: &$0) } }
    if isResource { writer.int64(5, 1) }
    writer.string(6, unlessEmpty: initialValue)
    if isTrainable { writer.int64(7, 1) }
    return writer.bytes
  }
}

/// The place of a part in the variable that it is cut from.
///
/// Source: `SaveSliceInfoDef` in `tensorflow/core/framework/variable.proto`.
package struct SaveSliceInfoDef {
  /// The name of the whole.
  package var name = ""
  package var shape: [Int64] = []
  package var offset: [Int64] = []
  package var extents: [Int64] = []

  package init(name: String, shape: [Int], offset: [Int], extents: [Int]) {
    self.name = name
    (self.shape, self.offset, self.extents) = (shape.map(Int64.init), offset.map(Int64.init), extents.map(Int64.init))
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try reader.string()
      case (2, _): if try !reader.appendVarints(tag, to: &shape) { try reader.skip(tag) }
      case (3, _): if try !reader.appendVarints(tag, to: &offset) { try reader.skip(tag) }
      case (4, _): if try !reader.appendVarints(tag, to: &extents) { try reader.skip(tag) }
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, name)
    for (number, values) in [(2, shape), (3, offset), (4, extents)] { writer.packed(number, values) }
  }
}

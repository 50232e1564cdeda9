import EspalierGraph

/// The value of an attribute of a node.
///
/// Source: `tensorflow/core/framework/attr_value.proto`.
package enum NodeAttribute {
  /// Text or any bytes.
  case bytes([UInt8])
  case int(Int64)
  case float(Float)
  case bool(Bool)
  /// TensorFlow's number of an element type, which may be one that is not known here.
  case type(Int)
  case shape(Shape)
  case tensor(EncodedTensor)
  case list(List)
  /// The name of a function in the graph's library.
  case function(String)
  case unset

  /// The elements of a list; all but one kind are empty.
  package struct List {
    package var strings: [[UInt8]] = []
    package var ints: [Int64] = []
    package var floats: [Float] = []
    package var bools: [Int64] = []
    package var types: [Int64] = []
    package var shapes: [Shape] = []

    package init() {}
  }

  /// Returns the value of an attribute of an operation.
  package init(_ value: AttributeValue) {
    var list = List()
    switch value {
    case .int(let number): self = .int(Int64(number))
    case .float(let number): self = .float(number)
    case .bool(let flag): self = .bool(flag)
    case .string(let text): self = .bytes(Array(text.utf8))
    case .type(let type): self = .type(type.tensorFlowNumber)
    case .shape(let shape): self = .shape(shape)
    case .tensor(let tensor): self = .tensor(EncodedTensor(tensor))
    case .ints(let numbers):
      list.ints = numbers.map(Int64.init)
      self = .list(list)
    case .floats(let numbers):
      list.floats = numbers
      self = .list(list)
    case .strings(let texts):
      list.strings = texts.map { Array($0.utf8) }
      self = .list(list)
    case .types(let types):
      list.types = types.map { Int64($0.tensorFlowNumber) }
      self = .list(list)
    case .shapes(let shapes):
      list.shapes = shapes
      self = .list(list)
    }
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    self = .unset
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var message = try reader.message()
        self = .list(try List(&message))
      case (2, .lengthDelimited): self = .bytes(try reader.bytes())
      case (3, .varint): self = .int(try reader.int64())
      case (4, .fixed32): self = .float(try reader.float())
      case (5, .varint): self = .bool(try reader.bool())
      case (6, .varint): self = .type(Int(try reader.int32()))
      case (7, .lengthDelimited):
        var message = try reader.message()
        self = .shape(try PartialShape.read(&message))
      case (8, .lengthDelimited): self = .tensor(EncodedTensor(try reader.message()))
      case (10, .lengthDelimited):
        var message = try reader.message()
        self = .function(try Self.functionName(&message))
      default: try reader.skip(tag)
      }
    }
  }

  private static func functionName(_ reader: inout WireReader) throws(FormatError) -> String {
    var name = ""
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .lengthDelimited) { name = try reader.string() } else { try reader.skip(tag) }
    }
    return name
  }

  func write(to writer: inout WireWriter) {
    switch self {
    case .bytes(let bytes): writer.bytes(2, bytes)
    case .int(let number): writer.int64(3, number)
    case .float(let number): writer.float(4, number)
    case .bool(let flag): writer.int64(5, flag ? 1 : 0)
    case .type(let number): writer.int64(6, Int64(number))
    case .shape(let shape): writer.message(7) { PartialShape.write(shape, to: &$0) }
    case .tensor(let tensor): writer.message(8) { tensor.write(to: &$0) }
    case .list(let list): writer.message(1) { list.write(to: &$0) }
    case .function(let name): writer.message(10) { $0.string(1, name) }
    case .unset: break
    }
  }
}

extension NodeAttribute.List {
  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (2, .lengthDelimited): strings.append(try reader.bytes())
      case (3, _): if try !reader.appendVarints(tag, to: &ints) { try reader.skip(tag) }
      case (4, _): if try !reader.appendFloats(tag, to: &floats) { try reader.skip(tag) }
      case (5, _): if try !reader.appendVarints(tag, to: &bools) { try reader.skip(tag) }
      case (6, _): if try !reader.appendVarints(tag, to: &types) { try reader.skip(tag) }
      case (7, .lengthDelimited):
        var message = try reader.message()
        shapes.append(try PartialShape.read(&message))
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    for string in strings { writer.bytes(2, string) }
    writer.packed(3, ints)
    writer.packed(4, floats)
    writer.packed(5, bools)
    writer.packed(6, types)
    for shape in shapes { writer.message(7) { PartialShape.write(shape, to: &$0) } }
  }
}

/// A tensor in a message, decoded when it is asked for: graphs hold many that nobody needs.
package enum EncodedTensor {
  case value(HostTensor)
  case message(WireReader)

  package init(_ tensor: HostTensor) {
    self = .value(tensor)
  }

  init(_ reader: WireReader) {
    self = .message(reader)
  }

  /// Returns the tensor.
  ///
  /// - Parameter limit: The bytes that a tensor may take of which the message gives only the first values.
  /// - Throws: `FormatError` if the message is damaged or the limit is passed.
  package func decoded(limit: Int) throws(FormatError) -> HostTensor {
    switch self {
    case .value(let tensor): return tensor
    case .message(var reader): return try TensorProto.read(&reader, limit: limit)
    }
  }

  func write(to writer: inout WireWriter) {
    switch self {
    case .value(let tensor): TensorProto.write(tensor, to: &writer)
    case .message(let reader): writer.append(reader.rest)
    }
  }
}

/// Shapes in messages, of which extents or the rank may be unknown.
///
/// Source: `tensorflow/core/framework/tensor_shape.proto`.
package enum PartialShape {
  /// The largest extent that is taken from a file: products of a few of them still fit into an integer.
  private static let largestExtent = Int64(1) << 40

  package static func read(_ reader: inout WireReader) throws(FormatError) -> Shape {
    var extents: [Int?] = []
    var hasRank = true
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (2, .lengthDelimited):
        var dimension = try reader.message()
        extents.append(try extent(&dimension))
      case (3, .varint): hasRank = try !reader.bool()
      default: try reader.skip(tag)
      }
    }
    guard hasRank else { return .unknown }
    guard extents.count <= 254 else { throw reader.error("a shape of rank \(extents.count)") }
    return Shape(extents)
  }

  private static func extent(_ reader: inout WireReader) throws(FormatError) -> Int? {
    var extent: Int64 = 0
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .varint) { extent = try reader.int64() } else { try reader.skip(tag) }
    }
    guard extent >= -1, extent <= largestExtent else { throw reader.error("a shape has an extent of \(extent)") }
    return extent < 0 ? nil : Int(extent)
  }

  package static func write(_ shape: Shape, to writer: inout WireWriter) {
    guard let extents = shape.extents else { return writer.int64(3, 1) }
    for extent in extents { writer.message(2) { $0.int64(1, unlessZero: Int64(extent ?? -1)) } }
  }
}

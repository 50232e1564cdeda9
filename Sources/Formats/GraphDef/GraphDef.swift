/// A graph as files have it: its nodes in any order.
///
/// Source: `tensorflow/core/framework/graph.proto`, `versions.proto`.
package struct GraphDef {
  package var nodes: [NodeDef] = []
  /// The version of TensorFlow's graphs that the operations are written for.
  package var producer: Int64 = 0
  /// The number of functions that nodes may call; none is read here.
  package private(set) var functionCount = 0

  package init(nodes: [NodeDef] = [], producer: Int64 = 0) {
    self.nodes = nodes
    self.producer = producer
  }

  /// Returns the graph that `bytes` hold; `file` names them in errors.
  package init(serialized bytes: [UInt8], file: String) throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    try self.init(&reader)
  }

  /// Returns the graph in a file: text if its name ends in `.pbtxt`.
  package init(path: String) throws(FormatError) {
    let contents = try LocalFileSystem().contents(of: path)
    let isText = path.hasSuffix(".pbtxt")
    let bytes = isText ? try ProtoSchema.graph.binary(contents, message: "GraphDef", file: path) : contents
    try self.init(serialized: bytes, file: path)
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var message = try reader.message()
        nodes.append(try NodeDef(&message))
      case (2, .lengthDelimited):
        var library = try reader.message()
        try countFunctions(&library)
      case (4, .lengthDelimited):
        var versions = try reader.message()
        try readVersions(&versions)
      default: try reader.skip(tag)
      }
    }
  }

  private mutating func countFunctions(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      if tag.number == 1 { functionCount += 1 }
      try reader.skip(tag)
    }
  }

  private mutating func readVersions(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .varint) { producer = try reader.int64() } else { try reader.skip(tag) }
    }
  }

  /// The bytes of the message.
  package var serialized: [UInt8] {
    var writer = WireWriter()
    for node in nodes { writer.message(1) { node.write(to: &$0) } }
    if producer != 0 { writer.message(4) { $0.int64(1, producer) } }
    return writer.bytes
  }
}

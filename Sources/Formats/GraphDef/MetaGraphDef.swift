/// A graph with what belongs to it: collections, ways to call it, its saver.
///
/// Source: `tensorflow/core/protobuf/meta_graph.proto`.
package struct MetaGraphDef {
  /// What a collection holds; all but one kind are empty.
  package struct Collection {
    /// Names of nodes and tensors.
    package var nodes: [String] = []
    /// Messages, such as `VariableDef`.
    package var messages: [[UInt8]] = []

    package init(nodes: [String] = [], messages: [[UInt8]] = []) {
      self.nodes = nodes
      self.messages = messages
    }
  }

  /// A file that belongs to the model, and the constant that gets its path.
  package struct Asset {
    package var tensor = ""
    package var fileName = ""

    package init(tensor: String, fileName: String) {
      self.tensor = tensor
      self.fileName = fileName
    }
  }

  package var tags: [String] = []
  /// The version of TensorFlow that wrote it, or that it is written for.
  package var tensorFlowVersion = ""
  package var hasNoDefaultAttributes = false
  package var graph = GraphDef()
  package var saver: SaverDef?
  package var collections: [String: Collection] = [:]
  package var signatures: [String: SignatureDef] = [:]
  package var assets: [Asset] = []
  /// Whether it comes from TensorFlow 2, which keeps objects and functions beside the graph.
  package private(set) var hasObjects = false

  package init() {}

  /// Returns the graph that `bytes` hold; `file` names them in errors.
  package init(serialized bytes: [UInt8], file: String) throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    try self.init(&reader)
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard tag.type == .lengthDelimited else {
        try reader.skip(tag)
        continue
      }
      try read(tag, &reader)
    }
  }

  private mutating func read(_ tag: WireTag, _ reader: inout WireReader) throws(FormatError) {
    switch tag.number {
    case 1:
      var message = try reader.message()
      try readInformation(&message)
    case 2:
      var message = try reader.message()
      graph = try GraphDef(&message)
    case 3:
      var message = try reader.message()
      saver = try SaverDef(&message)
    case 4:
      let (key, value) = try reader.mapEntry { value throws(FormatError) in try Collection(&value) }
      collections[key] = value
    case 5:
      let (key, value) = try reader.mapEntry { value throws(FormatError) in try SignatureDef(&value) }
      signatures[key] = value
    case 6:
      var message = try reader.message()
      assets.append(try Asset(&message))
    case 7:
      hasObjects = true
      try reader.skip(tag)
    default: try reader.skip(tag)
    }
  }

  private mutating func readInformation(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (4, .lengthDelimited): tags.append(try reader.string())
      case (5, .lengthDelimited): tensorFlowVersion = try reader.string()
      case (7, .varint): hasNoDefaultAttributes = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  /// The bytes of the message.
  package var serialized: [UInt8] {
    var writer = WireWriter()
    writer.message(1) { information in
      for tag in tags { information.string(4, tag) }
      information.string(5, unlessEmpty: tensorFlowVersion)
      if hasNoDefaultAttributes { information.int64(7, 1) }
    }
    writer.bytes(2, graph.serialized)
    if let saver { writer.message(3) { saver.write(to: &$0) } }
    for (key, value) in collections.sorted(by: { $0.key < $1.key }) {
      writer.message(4) { entry in
        entry.string(1, key)
        entry.message(2) { value.write(to: &$0) }
      }
    }
    for (key, value) in signatures.sorted(by: { $0.key < $1.key }) {
      writer.message(5) { entry in
        entry.string(1, key)
        entry.message(2) { value.write(to: &$0) }
      }
    }
    for asset in assets { writer.message(6) { asset.write(to: &$0) } }
    return writer.bytes
  }
}

extension MetaGraphDef.Collection {
  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard tag.type == .lengthDelimited, tag.number <= 2 else {
        try reader.skip(tag)
        continue
      }
      var list = try reader.message()
      while let element = try list.nextTag() {
        guard element == WireTag(number: 1, type: .lengthDelimited) else {
          try list.skip(element)
          continue
        }
        if tag.number == 1 { nodes.append(try list.string()) } else { messages.append(try list.bytes()) }
      }
    }
  }

  func write(to writer: inout WireWriter) {
    if messages.isEmpty {
      writer.message(1) { list in for node in nodes { list.string(1, node) } }
    } else {
      writer.message(2) { list in for message in messages { list.bytes(1, message) } }
    }
  }
}

extension MetaGraphDef.Asset {
  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var message = try reader.message()
        tensor = try TensorInfo(&message).name
      case (2, .lengthDelimited): fileName = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.message(1) { $0.string(1, tensor) }
    writer.string(2, fileName)
  }
}

/// The file `saved_model.pb`: the graphs of a model, told apart by their tags.
///
/// Source: `tensorflow/core/protobuf/saved_model.proto`.
package struct SavedModelDef {
  package var schemaVersion: Int64 = 1
  package var metaGraphs: [MetaGraphDef] = []

  package init(metaGraphs: [MetaGraphDef]) {
    self.metaGraphs = metaGraphs
  }

  /// Returns the model that `bytes` hold; `file` names them in errors.
  package init(serialized bytes: [UInt8], file: String) throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): schemaVersion = try reader.int64()
      case (2, .lengthDelimited):
        var message = try reader.message()
        metaGraphs.append(try MetaGraphDef(&message))
      default: try reader.skip(tag)
      }
    }
  }

  /// The bytes of the message.
  package var serialized: [UInt8] {
    var writer = WireWriter()
    writer.int64(1, schemaVersion)
    for graph in metaGraphs { writer.bytes(2, graph.serialized) }
    return writer.bytes
  }
}

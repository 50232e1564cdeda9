extension Summary {
  init(_ reader: inout WireReader) throws(FormatError) {
    values = []
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .lengthDelimited) {
        var message = try reader.message()
        values.append(try Value(&message))
      } else {
        try reader.skip(tag)
      }
    }
  }

  /// Returns the summary that `bytes` hold as a protobuf message.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` if they are not such a message.
  public init(serialized bytes: [UInt8], file: String = "Summary") throws(FormatError) {
    var reader = WireReader(bytes, file: file)
    try self.init(&reader)
  }

  /// Returns the protobuf message.
  public func serialized() -> [UInt8] {
    var writer = WireWriter()
    write(to: &writer)
    return writer.bytes
  }

  func write(to writer: inout WireWriter) {
    for value in values { writer.message(1) { value.write(to: &$0) } }
  }
}

extension Summary.Value {
  init(_ reader: inout WireReader) throws(FormatError) {
    self.init(tag: "", content: .none)
    while let field = try reader.nextTag() {
      switch (field.number, field.type) {
      case (1, .lengthDelimited): tag = try reader.string()
      case (2, .fixed32): content = .scalar(try reader.float())
      case (4, .lengthDelimited):
        var message = try reader.message()
        content = .image(try Summary.Image(&message))
      case (5, .lengthDelimited):
        var message = try reader.message()
        content = .histogram(try Histogram(&message))
      case (6, .lengthDelimited):
        var message = try reader.message()
        content = .audio(try Summary.Audio(&message))
      case (7, .lengthDelimited): nodeName = try reader.string()
      case (8, .lengthDelimited):
        var message = try reader.message()
        content = .tensor(try TensorProto.read(&message))
      case (9, .lengthDelimited):
        var message = try reader.message()
        metadata = try Summary.Metadata(&message)
      default: try reader.skip(field)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.string(1, unlessEmpty: tag)
    switch content {
    case .scalar(let value): writer.float(2, value)
    case .image(let image): writer.message(4) { image.write(to: &$0) }
    case .histogram(let histogram): writer.message(5) { histogram.write(to: &$0) }
    case .audio(let audio): writer.message(6) { audio.write(to: &$0) }
    case .tensor, .none: break
    }
    writer.string(7, unlessEmpty: nodeName)
    if case .tensor(let tensor) = content { writer.message(8) { TensorProto.write(tensor, to: &$0) } }
    if let metadata { writer.message(9) { metadata.write(to: &$0) } }
  }
}

extension Summary.Image {
  init(_ reader: inout WireReader) throws(FormatError) {
    self.init(height: 0, width: 0, colorspace: 0, encoded: [])
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): height = Int(try reader.int32())
      case (2, .varint): width = Int(try reader.int32())
      case (3, .varint): colorspace = Int(try reader.int32())
      case (4, .lengthDelimited): encoded = try reader.bytes()
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.int64(1, unlessZero: Int64(height))
    writer.int64(2, unlessZero: Int64(width))
    writer.int64(3, unlessZero: Int64(colorspace))
    if !encoded.isEmpty { writer.bytes(4, encoded) }
  }
}

extension Summary.Audio {
  init(_ reader: inout WireReader) throws(FormatError) {
    self.init(sampleRate: 0, channels: 0, frames: 0, encoded: [], contentType: "")
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .fixed32): sampleRate = try reader.float()
      case (2, .varint): channels = Int(try reader.int64())
      case (3, .varint): frames = Int(try reader.int64())
      case (4, .lengthDelimited): encoded = try reader.bytes()
      case (5, .lengthDelimited): contentType = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    if sampleRate != 0 { writer.float(1, sampleRate) }
    writer.int64(2, unlessZero: Int64(channels))
    writer.int64(3, unlessZero: Int64(frames))
    if !encoded.isEmpty { writer.bytes(4, encoded) }
    writer.string(5, unlessEmpty: contentType)
  }
}

extension Summary.Metadata {
  /// Returns the metadata that `bytes` hold as a protobuf message.
  package init(serialized bytes: [UInt8]) throws(FormatError) {
    var reader = WireReader(bytes, file: "SummaryMetadata")
    try self.init(&reader)
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    self.init()
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited):
        var plugin = try reader.message()
        try readPlugin(&plugin)
      case (2, .lengthDelimited): displayName = try reader.string()
      case (3, .lengthDelimited): description = try reader.string()
      case (4, .varint): dataClass = Int(try reader.int32())
      default: try reader.skip(tag)
      }
    }
  }

  private mutating func readPlugin(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): pluginName = try reader.string()
      case (2, .lengthDelimited): pluginContent = try reader.bytes()
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    if !pluginName.isEmpty || !pluginContent.isEmpty {
      writer.message(1) { plugin in
        plugin.string(1, unlessEmpty: pluginName)
        if !pluginContent.isEmpty { plugin.bytes(2, pluginContent) }
      }
    }
    writer.string(2, unlessEmpty: displayName)
    writer.string(3, unlessEmpty: description)
    writer.int64(4, unlessZero: Int64(dataClass))
  }
}

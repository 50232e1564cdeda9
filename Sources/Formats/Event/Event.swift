/// An entry of an event file, which TensorBoard reads.
///
/// Source: `tf.compat.v1.Event`, `tensorflow/core/util/event.proto`.
public struct Event: Hashable, Sendable {
  /// When it happened, in seconds since 1970.
  public var wallTime: Double
  /// The global step at which it happened.
  public var step: Int
  /// What happened.
  public var content: Content

  /// Returns an event.
  public init(wallTime: Double, step: Int = 0, content: Content) {
    self.wallTime = wallTime
    self.step = step
    self.content = content
  }

  /// What happened.
  public enum Content: Hashable, Sendable {
    /// The format of the file: the first event of every file.
    case fileVersion(String)
    /// A graph, as the bytes of a `GraphDef`.
    case graph([UInt8])
    /// A graph with its collections and signatures, as the bytes of a `MetaGraphDef`.
    case metaGraph([UInt8])
    /// Values to show.
    case summary(Summary)
    /// A session started, stopped or saved.
    case sessionLog(SessionLog)
    /// A line of a log.
    case logMessage(level: Int, String)
    /// How long operations took, as the bytes of a `RunMetadata`.
    case runMetadata(tag: String, [UInt8])
    /// An event without contents, or of a kind that is not known here.
    case none
  }

  /// The beginning or end of a session, or a checkpoint.
  public struct SessionLog: Hashable, Sendable {
    /// What happened to the session.
    public enum Status: Int, Hashable, Sendable {
      /// Not said.
      case unspecified = 0
      /// It started.
      case start = 1
      /// It stopped.
      case stop = 2
      /// It saved a checkpoint.
      case checkpoint = 3
    }

    /// What happened.
    public var status: Status
    /// The path prefix of the checkpoint that was saved.
    public var checkpointPath: String
    /// A message.
    public var message: String

    /// Returns an entry.
    public init(_ status: Status, checkpointPath: String = "", message: String = "") {
      self.status = status
      self.checkpointPath = checkpointPath
      self.message = message
    }
  }
}

extension Event {
  /// Returns the event that `bytes` hold as a protobuf message.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` if they are not such a message.
  public init(serialized bytes: [UInt8], file: String = "Event") throws(FormatError) {
    self.init(wallTime: 0, content: .none)
    var reader = WireReader(bytes, file: file)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .fixed64): wallTime = try reader.double()
      case (2, .varint): step = Int(try reader.int64())
      case (3, .lengthDelimited): content = .fileVersion(try reader.string())
      case (4, .lengthDelimited): content = .graph(try reader.bytes())
      case (5, .lengthDelimited):
        var message = try reader.message()
        content = .summary(try Summary(&message))
      case (6, .lengthDelimited):
        var message = try reader.message()
        content = try Self.logMessage(&message)
      case (7, .lengthDelimited):
        var message = try reader.message()
        content = .sessionLog(try SessionLog(&message))
      case (8, .lengthDelimited):
        var message = try reader.message()
        content = try Self.runMetadata(&message)
      case (9, .lengthDelimited): content = .metaGraph(try reader.bytes())
      default: try reader.skip(tag)
      }
    }
  }

  /// Returns the protobuf message.
  public func serialized() -> [UInt8] {
    var writer = WireWriter()
    writer.double(1, unlessZero: wallTime)
    writer.int64(2, unlessZero: Int64(step))
    switch content {
    case .fileVersion(let version): writer.string(3, version)
    case .graph(let bytes): writer.bytes(4, bytes)
    case .summary(let summary): writer.message(5) { summary.write(to: &$0) }
    case .logMessage(let level, let text):
      writer.message(6) { message in
        message.int64(1, unlessZero: Int64(level))
        message.string(2, unlessEmpty: text)
      }
    case .sessionLog(let log): writer.message(7) { log.write(to: &$0) }
    case .runMetadata(let tag, let bytes):
      writer.message(8) { message in
        message.string(1, unlessEmpty: tag)
        if !bytes.isEmpty { message.bytes(2, bytes) }
      }
    case .metaGraph(let bytes): writer.bytes(9, bytes)
    case .none: break
    }
    return writer.bytes
  }

  private static func logMessage(_ reader: inout WireReader) throws(FormatError) -> Content {
    var level = 0
    var text = ""
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): level = Int(try reader.int32())
      case (2, .lengthDelimited): text = try reader.string()
      default: try reader.skip(tag)
      }
    }
    return .logMessage(level: level, text)
  }

  private static func runMetadata(_ reader: inout WireReader) throws(FormatError) -> Content {
    var name = ""
    var bytes: [UInt8] = []
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try reader.string()
      case (2, .lengthDelimited): bytes = try reader.bytes()
      default: try reader.skip(tag)
      }
    }
    return .runMetadata(tag: name, bytes)
  }
}

extension Event.SessionLog {
  fileprivate init(_ reader: inout WireReader) throws(FormatError) {
    self.init(.unspecified)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): status = Status(rawValue: Int(try reader.int32())) ?? .unspecified
      case (2, .lengthDelimited): checkpointPath = try reader.string()
      case (3, .lengthDelimited): message = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  fileprivate func write(to writer: inout WireWriter) {
    writer.int64(1, unlessZero: Int64(status.rawValue))
    writer.string(2, unlessEmpty: checkpointPath)
    writer.string(3, unlessEmpty: message)
  }
}

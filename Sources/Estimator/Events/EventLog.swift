import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// The event file of a directory, shared by all hooks that write into that directory, and beside it the same numbers for
/// programs that read no event files.
///
///     try EventLog.shared(estimator.modelDir).write(scalars: [("temperature", 21.5)], step: step)
///
/// The file is closed when nobody holds it any more; it may be used by several threads.
///
/// Source: `tf.summary.FileWriterCache`.
///
/// `@unchecked Sendable`: the writers are used only inside the lock.
public final class EventLog: @unchecked Sendable {
  /// A moment in the life of a session.
  enum Moment {
    case start
    case checkpoint(path: String)
  }

  private struct Writers {
    let events: EventFileWriter
    let curves: CurveFile
  }

  private let writers: Lock<Writers>

  private init(_ directory: String) throws(FormatError) {
    let events = try EventFileWriter(directory: directory)
    writers = Lock(Writers(events: events, curves: CurveFile(besides: events.path)))
  }

  deinit {
    // Nobody is left to tell of a failure.
    writers.withLock {
      try? $0.events.close()
      try? $0.curves.close()
    }
  }

  private struct Reference: Sendable {
    weak var log: EventLog?
  }

  private static let open = Lock<[String: Reference]>([:])

  /// Returns the file of this directory that is open, or a new one.
  ///
  /// - Throws: `FormatError` if a new one cannot be made.
  ///
  /// Source: `tf.summary.FileWriterCache.get`.
  public static func shared(_ directory: String) throws -> EventLog {
    try open.withLock { logs in
      if let log = logs[directory]?.log { return log }
      let made = try EventLog(directory)
      logs = logs.filter { $0.value.log != nil }
      logs[directory] = Reference(log: made)
      return made
    }
  }

  /// Lets the next `shared` of each directory make a new file, and flushes those that are open.
  ///
  /// - Throws: `FormatError` if they cannot be written.
  ///
  /// Source: `tf.summary.FileWriterCache.clear`.
  public static func clear() throws {
    let logs = open.withLock { logs in
      defer { logs = [:] }
      return logs.values.compactMap(\.log)
    }
    for log in logs { try log.flush() }
  }

  /// Writes points of curves.
  ///
  /// - Throws: `FormatError` if they cannot be written, as all of these.
  public func write(scalars: [(tag: String, value: Float)], step: Int) throws {
    try add(.summary(Summary(scalars.map { .scalar($0.tag, $0.value) })), step)
  }

  /// Writes what summary operations computed: scalar strings, each a `Summary` message.
  func write(summaries: [HostTensor], step: Int) throws {
    // Messages one after the other are one message with all of their values.
    let bytes = try summaries.flatMap { try $0.strings() }.flatMap { $0 }
    if !bytes.isEmpty { try add(.summary(try Summary(serialized: bytes)), step) }
  }

  /// Writes values of any kind.
  public func write(_ summary: Summary, step: Int) throws {
    try add(.summary(summary), step)
  }

  /// Writes that a session started or saved.
  func write(_ moment: Moment, step: Int) throws {
    switch moment {
    case .start: try add(.sessionLog(.init(.start)), step)
    case .checkpoint(let path): try add(.sessionLog(.init(.checkpoint, checkpointPath: path)), step)
    }
  }

  /// Writes a graph, for TensorBoard to show, alone, which `graphDef` is, and with its collections.
  func write(graph: Graph, _ graphDef: [UInt8]) throws {
    try add(.graph(graphDef), 0)
    try add(.metaGraph(MetaGraphEncoder(graph).encoded()), 0)
  }

  /// Hands all events to the system, so that TensorBoard sees them.
  public func flush() throws {
    try writers.withLock {
      try $0.events.flush()
      try $0.curves.flush()
    }
  }

  func add(_ content: Event.Content, _ step: Int) throws {
    try writers.withLock {
      try $0.events.add(content, step: step)
      if case .summary(let summary) = content { try $0.curves.add(summary, step: step, time: wallTime()) }
    }
  }
}

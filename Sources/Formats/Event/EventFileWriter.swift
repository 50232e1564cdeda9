/// Writes an event file into a directory that TensorBoard watches.
///
///     let events = try EventFileWriter(directory: "run")
///     try events.add(Summary([.scalar("loss", 0.25)]), step: 100)
///     try events.close()
///
/// The file is called `events.out.tfevents.<seconds>.<host>` and begins with the format version. Events reach the disk
/// when `maxQueue` of them wait, when `flushSeconds` have passed, and on `flush()`. Not for use by several threads at
/// once.
///
/// Source: `tf.compat.v1.summary.FileWriter`.
public final class EventFileWriter {
  /// The path of the file.
  public let path: String
  private let records: TFRecordWriter
  private let maxQueue: Int
  private let flushSeconds: Double
  private var queued = 0
  private var lastFlush = monotonicTime()

  /// Makes a new event file.
  ///
  /// - Parameters:
  ///   - directory: Where; it is made if it does not exist.
  ///   - suffix: What the file's name ends in. Default: nothing.
  ///   - maxQueue: How many events may wait. Default: 10.
  ///   - flushSeconds: How long they may wait, in seconds. Default: 120.
  /// - Throws: `FormatError` if the file cannot be made.
  public init(
    directory: String, suffix: String = "", maxQueue: Int = 10, flushSeconds: Double = 120
  ) throws(FormatError) {
    let fileSystem = LocalFileSystem()
    try fileSystem.createDirectory(directory)
    let time = wallTime()
    let seconds = String(Int(time))
    let padded = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    let base = FilePath.join(directory, "events.out.tfevents.\(padded).\(hostName())\(suffix)")
    // Two writers that start in the same second must not write into one file.
    var name = base
    var attempt = 0
    while fileSystem.exists(name) {
      attempt += 1
      name = "\(base).\(attempt)"
    }
    path = name
    records = TFRecordWriter(try fileSystem.createFile(name, exclusively: true))
    self.maxQueue = max(maxQueue, 1)
    self.flushSeconds = flushSeconds
    try add(Event(wallTime: time, content: .fileVersion("brain.Event:2")))
    try flush()
  }

  /// Appends an event.
  ///
  /// - Throws: `FormatError` if it cannot be written.
  public func add(_ event: Event) throws(FormatError) {
    try records.write(event.serialized())
    queued += 1
    if queued >= maxQueue || monotonicTime() - lastFlush >= flushSeconds { try flush() }
  }

  /// Appends something that happens now, at a step.
  ///
  /// - Throws: `FormatError` if it cannot be written.
  public func add(_ content: Event.Content, step: Int = 0) throws(FormatError) {
    try add(Event(wallTime: wallTime(), step: step, content: content))
  }

  /// Appends values to show, at a step.
  ///
  /// - Throws: `FormatError` if they cannot be written.
  public func add(_ summary: Summary, step: Int) throws(FormatError) {
    try add(.summary(summary), step: step)
  }

  /// Hands all events to the system, so that TensorBoard sees them.
  ///
  /// - Throws: `FormatError` if they cannot be written.
  public func flush() throws(FormatError) {
    try records.flush()
    queued = 0
    lastFlush = monotonicTime()
  }

  /// Writes what is left and closes the file.
  ///
  /// - Throws: `FormatError` if that fails.
  public func close() throws(FormatError) {
    try records.close()
  }
}

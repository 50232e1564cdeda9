import EspalierFormats

/// The points of curves as lines of JSON, `{"step":100,"time":1700000000.5,"values":{"loss":0.25}}`, in a file
/// `curves.<seconds>.<host>.jsonl` beside an event file.
final class CurveFile {
  private let path: String
  /// Made when there is something to write.
  private var file: (any WritableFile)?

  /// - Parameter events: The path of the event file.
  init(besides events: String) {
    let name = FilePath.name(of: events).replacing("events.out.tfevents", with: "curves")
    path = FilePath.join(FilePath.directory(of: events), name + ".jsonl")
  }

  /// Appends the numbers of a summary.
  func add(_ summary: Summary, step: Int, time: Double) throws(FormatError) {
    var values: [String: JSONValue] = [:]
    for value in summary.values {
      guard case .scalar(let number) = value.content else { continue }
      // JSON has no word for what is not a number.
      values[value.tag] = number.isFinite ? .number(Double(number)) : .string("\(number)")
    }
    if values.isEmpty { return }
    let line: JSONValue = .object([
      "step": .number(Double(step)), "time": .number((time * 1000).rounded() / 1000), "values": .object(values),
    ])
    if file == nil { file = try LocalFileSystem().createFile(path, exclusively: true) }
    try file?.write(Array("\(line)\n".utf8))
  }

  func flush() throws(FormatError) { try file?.flush() }

  func close() throws(FormatError) { try file?.close() }
}

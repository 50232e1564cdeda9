import EspalierCommandLine
import EspalierFormats
import EspalierGraph

extension Subcommand {
  private struct Options: Sendable {
    var tag = ""
  }

  /// Lists what event files hold, or the values under one tag.
  static let inspectEvents = Subcommand(
    "inspect-events", "Lists what event files hold, or the values under a tag.", words: ["file"], defaults: Options(),
    flags: [Flag("tag", \.tag, "The tag whose values are printed, one a line after its step.")],
    notes: "<file> is an event file, or a directory of them."
  ) { words, options, print in
    for path in try eventFiles(words[0]) {
      var contents = EventContents()
      let reader = try EventFileReader(path: path)
      while let event = try reader.next() {
        contents.add(event)
        for value in EventContents.values(of: event) where value.tag == options.tag {
          print("\(event.step)  \(EventContents.text(value.content))")
        }
      }
      if !options.tag.isEmpty { continue }
      print(path)
      for line in columns(contents.rows) { print("  " + line) }
      if let truncation = reader.truncation { print("  ends early: \(truncation)") }
    }
  }

  private static func eventFiles(_ path: String) throws -> [String] {
    guard let names = try? LocalFileSystem().names(inDirectory: path) else { return [path] }
    let files = names.filter { $0.contains("tfevents") }
    guard !files.isEmpty else { throw FormatError(.notFound, file: path, "there are no event files in the directory") }
    return files.map { FilePath.join(path, $0) }
  }
}

/// What an event file holds, tag by tag.
private struct EventContents {
  private struct Entry {
    var count = 0
    var first = 0
    var last = 0
    var latest = ""
  }

  private var entries: [String: Entry] = [:]

  mutating func add(_ event: Event) {
    switch event.content {
    case .fileVersion(let version): note("(version)", event.step, version)
    case .graph(let bytes): note("(graph)", event.step, size(bytes.count))
    case .metaGraph(let bytes): note("(meta graph)", event.step, size(bytes.count))
    case .summary(let summary): for value in summary.values { note(value.tag, event.step, Self.text(value.content)) }
    case .sessionLog(let log): note("(session \(log.status))", event.step, log.checkpointPath)
    case .logMessage(_, let message): note("(log)", event.step, message)
    case .runMetadata(let tag, let bytes): note("(run metadata \(tag))", event.step, size(bytes.count))
    case .none: note("(other)", event.step, "")
    }
  }

  private mutating func note(_ name: String, _ step: Int, _ text: String) {
    var entry = entries[name] ?? Entry(first: step)
    entry.count += 1
    entry.last = step
    entry.latest = text
    entries[name] = entry
  }

  var rows: [[String]] {
    entries.sorted { $0.key < $1.key }.map { name, entry in
      let steps = entry.first == entry.last ? "step \(entry.first)" : "steps \(entry.first)–\(entry.last)"
      return [name, "\(entry.count)", steps, entry.latest]
    }
  }

  static func values(of event: Event) -> [Summary.Value] {
    if case .summary(let summary) = event.content { summary.values } else { [] }
  }

  static func text(_ content: Summary.Content) -> String {
    switch content {
    case .scalar(let value): "\(value)"
    case .histogram(let histogram): "\(Int(histogram.count)) values from \(histogram.minimum) to \(histogram.maximum)"
    case .image(let image): "\(image.width)x\(image.height) image, \(size(image.encoded.count))"
    case .audio(let audio): "\(audio.frames) frames of audio"
    case .tensor(let tensor): tensor.count <= 8 ? "\(tensor)" : "\(tensor.type)"
    case .none: ""
    }
  }
}

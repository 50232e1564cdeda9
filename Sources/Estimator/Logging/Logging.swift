import EspalierFormats
import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The log of training and evaluation: lines on standard error, worded as TensorFlow words them.
///
/// Each line begins with its level and the name of the library, `INFO:espalier:loss = 2.31, step = 100 (1.234 sec)`.
/// Standard output stays free for results.
///
/// Source: `tf.logging`.
public enum Logging {
  /// How much a line matters.
  public enum Level: Int, Comparable, Sendable, CaseIterable {
    case debug, info, warn, error

    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }

    /// The level as TensorFlow prints it.
    var word: String {
      switch self {
      case .debug: "DEBUG"
      case .info: "INFO"
      case .warn: "WARNING"
      case .error: "ERROR"
      }
    }
  }

  private static let state = Lock(State())

  /// How lines are written.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// `INFO:espalier:loss = 2.31, step = 100`.
    case text
    /// An object of JSON a line, with the numbers of the message by name:
    /// `{"level":"info","message":"loss = 2.31, step = 100","time":1700000000.5,"values":{"loss":2.31,"step":100}}`.
    case json
  }

  private struct State {
    var level = Level.info
    var format = Format.text
    /// What stands in the last line of the terminal and is to stay there below new lines.
    var status = ""
  }

  /// Where lines go instead of standard error, for the code that runs inside `withSink`.
  @TaskLocal private static var sink: (@Sendable (Level, String) -> Void)?

  /// The lowest level that is written; `info` at first.
  public static var level: Level {
    get { state.withLock { $0.level } }
    set { state.withLock { $0.level = newValue } }
  }

  /// How lines are written; as text at first.
  public static var format: Format {
    get { state.withLock { $0.format } }
    set { state.withLock { $0.format = newValue } }
  }

  /// Writes a line of level `info`.
  public static func info(_ message: @autoclosure () -> String) { write(.info, message()) }

  /// Writes a line of level `warn`.
  public static func warn(_ message: @autoclosure () -> String) { write(.warn, message()) }

  /// Writes a line of level `error`.
  public static func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  /// Returns what `body` returns; the lines that it logs go to `sink`, whatever their level, and nowhere else.
  public static func withSink<Result>(
    _ sink: @escaping @Sendable (Level, String) -> Void, _ body: () throws -> Result
  ) rethrows -> Result {
    try $sink.withValue(sink) { try body() }
  }

  /// Whether lines go elsewhere than to standard error.
  static var isRedirected: Bool { sink != nil }

  private static func write(_ level: Level, _ message: @autoclosure () -> String) {
    if let sink { return sink(level, message()) }
    state.withLock { state in
      guard level >= state.level else { return }
      let line =
        state.format == .json
        ? JSONLog.line(level, message(), time: wallTime()) + "\n" : "\(level.word):espalier:\(message())\n"
      StandardError.write(state.status.isEmpty ? line : Terminal.clearLine + line + state.status)
    }
  }

  /// Keeps `text` in the last line of the terminal, below the lines that are logged; an empty text takes it away.
  static func showStatus(_ text: String) {
    state.withLock { state in
      guard text != state.status else { return }
      StandardError.write(Terminal.clearLine + text)
      state.status = text
    }
  }
}

/// The standard error stream, unbuffered.
enum StandardError {
  static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(2, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR {
        return
      }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// The terminal behind standard error, if there is one.
enum Terminal {
  /// Goes back to the start of the line and empties it.
  static let clearLine = "\r\u{1B}[K"

  /// Whether a line can be drawn again and again: standard error is a terminal, and nobody asked for plain text.
  static let isLive: Bool = {
    func word(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let isPlain = word("TERM").isEmpty || word("TERM") == "dumb" || !word("NO_COLOR").isEmpty || !word("CI").isEmpty
    return isatty(2) == 1 && !isPlain
  }()

  /// The number of columns, 80 if it is not known.
  static var width: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

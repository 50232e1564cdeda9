import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Keras {
  /// What `fit`, `evaluate` and `predict` print on standard output.
  public enum Verbosity: Sendable {
    /// Nothing.
    case silent
    /// A line that grows: `63/63 [==============================] - 75s 1s/step - loss: 1.9463 - accuracy: 0.5485`.
    case progressBar
    /// A line when an epoch is over.
    case onePerEpoch
  }

  /// Keras's progress line.
  ///
  /// On a terminal it is drawn again and again; elsewhere once, when all is done.
  package struct ProgressLine {
    private static let width = 30
    private static let interval = 0.05
    private let total: Int
    private let verbosity: Verbosity
    private let isLive = isatty(1) == 1
    private let start = Self.seconds()
    private var firstStep: Double?
    private var lastDrawn = 0.0

    init(total: Int, verbosity: Verbosity) {
      self.total = total
      self.verbosity = verbosity
    }

    /// Shows that `done` steps are made; the means so far are `values`.
    mutating func show(_ done: Int, _ values: [(name: String, value: Double)]) {
      let now = Self.seconds()
      if firstStep == nil { firstStep = now }
      guard verbosity == .progressBar, isLive, done < total, now - lastDrawn > Self.interval else { return }
      lastDrawn = now
      write("\r" + Self.text(done, total, elapsed: now - start, perStep: perStep(done, now), values) + "\u{1B}[K")
    }

    /// Ends the line.
    func finish(_ values: [(name: String, value: Double)]) {
      guard verbosity != .silent else { return }
      let now = Self.seconds()
      let perStep = perStep(total, now)
      let line =
        verbosity == .progressBar
        ? Self.text(total, total, elapsed: now - start, perStep: perStep, values)
        : "\(total)/\(total) - \(Self.fixed(now - start, 0))s" + Self.text(of: values) + " - "
          + "\(Self.fixed(now - start, 0))s/epoch -\(Self.pace(perStep))"
      write((isLive && verbosity == .progressBar ? "\r" : "") + line + (isLive ? "\u{1B}[K" : "") + "\n")
    }

    /// Seconds for each step; the first does not count, because it makes the plan.
    private func perStep(_ done: Int, _ now: Double) -> Double {
      guard let firstStep, done > 1 else { return (now - start) / Double(max(1, done)) }
      return (now - firstStep) / Double(done - 1)
    }

    package static func text(
      _ done: Int, _ total: Int, elapsed: Double, perStep: Double, _ values: [(name: String, value: Double)]
    ) -> String {
      let number = String(done)
      let padding = String(repeating: " ", count: max(0, String(total).count - number.count))
      let full = width * done / max(1, total)
      var bar = String(repeating: "=", count: full)
      if done < total, full > 0 { bar = String(bar.dropLast()) + ">" }
      bar += String(repeating: ".", count: width - full)
      let time =
        done < total
        ? " - ETA: \(duration(perStep * Double(total - done)))" : " - \(fixed(elapsed, 0))s\(pace(perStep))"
      return "\(padding)\(number)/\(total) [\(bar)]\(time)" + text(of: values)
    }

    private static func text(of values: [(name: String, value: Double)]) -> String {
      values.map { " - \($0.name): \(digits($0.value))" }.joined()
    }

    private static func digits(_ value: Double) -> String {
      abs(value) > 1e-3 ? fixed(value, 4) : formatted("%.4e", value)
    }

    private static func pace(_ seconds: Double) -> String {
      if seconds >= 1 || seconds == 0 { return " \(fixed(seconds, 0))s/step" }
      return seconds >= 1e-3 ? " \(fixed(seconds * 1e3, 0))ms/step" : " \(fixed(seconds * 1e6, 0))us/step"
    }

    private static func duration(_ seconds: Double) -> String {
      let whole = Int(seconds)
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      if whole > 3600 { return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))" }
      return whole > 60 ? "\(whole / 60):\(two(whole % 60))" : "\(whole)s"
    }

    private static func fixed(_ number: Double, _ places: Int) -> String { formatted("%.\(places)f", number) }

    private static func formatted(_ format: String, _ number: Double) -> String {
      var buffer = [CChar](repeating: 0, count: 64)
      let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, format, $0) }
      return String(decoding: buffer.prefix(Int(max(0, length))).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func seconds() -> Double {
      var moment = timespec()
      clock_gettime(CLOCK_MONOTONIC, &moment)
      return Double(moment.tv_sec) + Double(moment.tv_nsec) * 1e-9
    }

    private func write(_ text: String) {
      print(text, terminator: "")
      fflush(nil)
    }
  }
}

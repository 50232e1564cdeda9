#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How numbers and times are written in the log.
enum Text {
  /// Returns a number as C's `%g` writes it: six digits, no trailing zeros.
  static func general(_ number: Double) -> String { formatted("%g", number) }

  /// Returns a number with this many digits after the point.
  static func fixed(_ number: Double, _ digits: Int) -> String { formatted("%.\(digits)f", number) }

  private static func formatted(_ format: String, _ number: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, format, $0) }
    let end = min(max(0, Int(length)), buffer.count - 1)
    return String(decoding: buffer[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Returns texts as Python prints a list of them.
  static func list(_ words: [String]) -> String { "[" + words.map { "'\($0)'" }.joined(separator: ", ") + "]" }

  /// Returns a moment of local time in the form that `strftime` takes.
  static func time(_ seconds: Double, _ format: String) -> String {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let length = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Returns seconds as `1:02:03` or `2:03`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = whole / 60 % 60
    return whole >= 3600
      ? "\(whole / 3600):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }
}

/// The clock that measures intervals.
enum Clock {
  /// Returns seconds since some moment in the past; never runs backwards.
  static func seconds() -> Double {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return Double(moment.tv_sec) + Double(moment.tv_nsec) * 1e-9
  }
}

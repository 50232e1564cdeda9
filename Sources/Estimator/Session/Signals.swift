import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Requests from outside to end: SIGTERM and SIGINT set a flag, which loops look at between two steps.
enum Signals {
  /// The first signal that came, or 0.
  private static let received = Atomic<Int32>(0)
  private static let numbers: [Int32] = [SIGTERM, SIGINT]

  /// The signal that came, or nil.
  static var pending: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Returns what `body` returns; signals meanwhile set the flag, a second one ends the process at once.
  static func whileWatching<Result>(_ body: () throws -> Result) rethrows -> Result {
    received.store(0, ordering: .relaxed)
    let previous = numbers.map { number in
      signal(number) { number in
        let (isFirst, _) = Signals.received.compareExchange(expected: 0, desired: number, ordering: .relaxed)
        if !isFirst { _exit(128 + number) }
      }
    }
    defer {
      for (number, handler) in zip(numbers, previous) { signal(number, handler) }
      received.store(0, ordering: .relaxed)
    }
    return try body()
  }
}

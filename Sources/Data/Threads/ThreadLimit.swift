/// Lets a number of threads through at once; others wait.
final class ThreadLimit: Sendable {
  private let free: Monitor<Int>

  init(_ count: Int) { free = Monitor(count) }

  /// Returns what `body` returns, called when it is this thread's turn. It must not wait for what others do here.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    free.when { free -> Void? in
      guard free > 0 else { return nil }
      free -= 1
      return ()
    }
    defer { free.when { $0 += 1 } }
    return try body()
  }
}

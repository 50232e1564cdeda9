/// Wakes a thread that waits for one of several others, whichever is first.
final class Bell: Sendable {
  private let rings = Monitor(0)

  /// How often it has rung.
  var count: Int { rings.when { $0 } }

  func ring() { rings.when { $0 += 1 } }

  /// Waits until it has rung more often than `count` times.
  func wait(after count: Int) {
    rings.when { $0 > count ? () : nil }
  }
}

import Espalier
import Foundation

/// One of those who take turns.
protocol Contestant: AnyObject {
  /// What the table calls it.
  var name: String { get }
  /// What a step gets through, such as 128 images.
  var unitsPerStep: Int { get }
  /// The floating-point operations of a step, where they are known.
  var operationsPerStep: Double? { get }
  /// The bytes that were planned for a step, where somebody plans.
  var plannedBytes: Int? { get }
  /// The most bytes that its process ever held, as far as known.
  var peakBytes: Int? { get }

  /// Returns the milliseconds that each of `count` steps took.
  func run(_ count: Int) throws -> [Double]
}

extension Contestant {
  var unitsPerStep: Int { 1 }
  var operationsPerStep: Double? { nil }
  var plannedBytes: Int? { nil }
  var peakBytes: Int? { nil }
}

/// Runs a closure as a step.
final class ClosureSteps: Contestant {
  let name: String
  let unitsPerStep: Int
  private let step: () throws -> Void

  init(_ name: String, unitsPerStep: Int = 1, _ step: @escaping () throws -> Void) {
    self.name = name
    self.unitsPerStep = unitsPerStep
    self.step = step
  }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in try milliseconds(step) }
  }
}

/// Returns how long `body` takes.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(body) / .milliseconds(1)
}

/// Returns the number of threads that an option asks for: 0 means one for each core.
func threadCount(_ option: Int) -> Int {
  option > 0 ? option : ProcessInfo.processInfo.activeProcessorCount
}

/// Returns the most bytes that this process ever held.
func peakBytesOfProcess() -> Int {
  var usage = rusage()
  #if os(macOS)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  #endif
}

import CKernels
import Foundation

/// What the cores can do at most: multiplications and additions of float32 numbers in registers.
enum PeakSpeed {
  /// Returns the operations in a second of `threads` threads together, measured for some hundredths of a second.
  static func measure(threads: Int) -> Double {
    let rounds = 400_000
    let results = Results(count: threads)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var numbers = [Float](repeating: 1, count: 16)
      var operations = 0.0
      let time = milliseconds { operations = esp_multiply_add_f32(rounds, &numbers) }
      results.set(thread, operations / time * 1000)
    }
    return results.sum
  }

  /// `@unchecked Sendable`: each thread writes a place of its own, and nobody reads before all have ended.
  private final class Results: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Double>

    init(count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }

    func set(_ index: Int, _ value: Double) { values[index] = value }

    var sum: Double { values.reduce(0, +) }
  }
}

import EspalierFormats
import EspalierGraph

/// How far numbers may be off: |got − want| ≤ absolute + relative · |want|.
package struct Tolerance: Sendable {
  package var relative: Double
  package var absolute: Double

  package init(relative: Double, absolute: Double) {
    self.relative = relative
    self.absolute = absolute
  }

  init(_ description: JSONValue?) {
    relative = description?["rtol"]?.double ?? 0
    absolute = description?["atol"]?.double ?? 0
  }
}

/// The largest difference that a case showed, and what was wrong if it was too large.
package struct Deviation: Sendable {
  /// The largest absolute difference.
  package private(set) var greatest = 0.0
  /// The first thing that was wrong, or nil.
  package private(set) var problem: String?

  package init() {}

  /// Compares a tensor with the golden one. Element types and shapes must agree; NaN equals NaN.
  package mutating func compare(
    _ got: HostTensor, with want: HostTensor, _ tolerance: Tolerance, _ name: String
  ) throws {
    guard got.dataType == want.dataType, got.shape == want.shape else {
      note("\(name) is \(got.type), not \(want.type)")
      return
    }
    if got.dataType == .string {
      if got != want { note("\(name) differs") }
      return
    }
    compare(try got.doubles(), with: try want.doubles(), tolerance, name)
  }

  /// Compares numbers with golden ones.
  package mutating func compare(_ got: [Double], with want: [Double], _ tolerance: Tolerance, _ name: String) {
    guard got.count == want.count else {
      note("\(name) has \(got.count) elements, not \(want.count)")
      return
    }
    for (index, (a, b)) in zip(got, want).enumerated() where a != b && !(a.isNaN && b.isNaN) {
      let difference = abs(a - b)
      if !difference.isNaN { greatest = max(greatest, difference) }
      // Written so that a NaN is a failure.
      if !(difference <= tolerance.absolute + tolerance.relative * abs(b)) {
        note("\(name)[\(index)] is \(a), not \(b)")
      }
    }
  }

  /// Notes that something is wrong.
  package mutating func note(_ text: String) {
    problem = problem ?? text
  }
}

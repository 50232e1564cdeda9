import EspalierGraph

/// Combines runs of numbers with others, element by element: sums, or extremes.
struct Accumulation {
  /// What two numbers become.
  enum Rule: Hashable, Sendable {
    case sum, max, min
  }

  private let type: DataType
  private let rule: Rule
  private let size: Int

  /// - Throws: `ExecutionError` for element types without such arithmetic.
  init(_ type: DataType, _ rule: Rule = .sum) throws(ExecutionError) {
    guard [.float32, .float64, .int32, .int64].contains(type), let size = type.size else {
      throw ExecutionError("\(rule) of \(type) is not supported", kind: .unimplemented)
    }
    self.type = type
    self.rule = rule
    self.size = size
  }

  /// Sets numbers to what changes nothing: 0, or the least or largest number.
  func clear(_ target: UnsafeMutableRawPointer, _ count: Int) {
    switch (rule, type) {
    case (.sum, _): target.initializeMemory(as: UInt8.self, repeating: 0, count: count * size)
    case (.max, .float32): fill(target, count, -Float.greatestFiniteMagnitude)
    case (.max, .float64): fill(target, count, -Double.greatestFiniteMagnitude)
    case (.max, .int32): fill(target, count, Int32.min)
    case (.max, _): fill(target, count, Int64.min)
    case (.min, .float32): fill(target, count, Float.greatestFiniteMagnitude)
    case (.min, .float64): fill(target, count, Double.greatestFiniteMagnitude)
    case (.min, .int32): fill(target, count, Int32.max)
    case (.min, _): fill(target, count, Int64.max)
    }
  }

  private func fill<Number: BitwiseCopyable>(_ target: UnsafeMutableRawPointer, _ count: Int, _ number: Number) {
    target.initializeMemory(as: Number.self, repeating: number, count: count)
  }

  /// Combines `count` numbers from place `from` on with those of `target` from place `to` on.
  func add(
    _ source: UnsafeRawPointer, at from: Int, to target: UnsafeMutableRawPointer, at to: Int, count: Int
  ) {
    switch type {
    case .float32: combine(Float.self, source, from, target, to, count) { $0 + $1 }
    case .float64: combine(Double.self, source, from, target, to, count) { $0 + $1 }
    case .int32: combine(Int32.self, source, from, target, to, count) { $0 &+ $1 }
    default: combine(Int64.self, source, from, target, to, count) { $0 &+ $1 }
    }
  }

  @inline(__always)
  private func combine<Number: BitwiseCopyable & Comparable>(
    _ type: Number.Type, _ source: UnsafeRawPointer, _ from: Int, _ target: UnsafeMutableRawPointer, _ to: Int,
    _ count: Int, sum: (Number, Number) -> Number
  ) {
    let x = source.assumingMemoryBound(to: Number.self) + from
    let y = target.assumingMemoryBound(to: Number.self) + to
    switch rule {
    case .sum: for index in 0..<count { y[index] = sum(y[index], x[index]) }
    case .max: for index in 0..<count where x[index] > y[index] { y[index] = x[index] }
    case .min: for index in 0..<count where x[index] < y[index] { y[index] = x[index] }
    }
  }
}

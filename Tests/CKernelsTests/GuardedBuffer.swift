/// A buffer between two guard zones that shows writes outside it.
final class GuardedBuffer<Element: BitwiseCopyable & Equatable> {
  static var guardCount: Int { 64 }

  let pointer: UnsafeMutablePointer<Element>
  let count: Int
  private let storage: UnsafeMutableBufferPointer<Element>
  private let canary: Element

  /// Allocates `count` elements `offset` elements past a 64-byte boundary, all equal to `canary`.
  init(count: Int, canary: Element, offset: Int = 0) {
    self.count = count
    self.canary = canary
    let total = count + 2 * Self.guardCount + offset
    let raw = UnsafeMutableRawPointer.allocate(byteCount: total * MemoryLayout<Element>.stride, alignment: 64)
    storage = UnsafeMutableBufferPointer(start: raw.bindMemory(to: Element.self, capacity: total), count: total)
    storage.initialize(repeating: canary)
    pointer = raw.assumingMemoryBound(to: Element.self) + Self.guardCount + offset
  }

  convenience init(_ values: [Element], canary: Element, offset: Int = 0) {
    self.init(count: values.count, canary: canary, offset: offset)
    values.withUnsafeBufferPointer { from in
      if let base = from.baseAddress { pointer.update(from: base, count: from.count) }
    }
  }

  deinit { storage.deallocate() }

  var values: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Whether nothing was written outside the buffer.
  var isIntact: Bool {
    guard let base = storage.baseAddress else { return false }
    let start = pointer - base
    let before = storage[..<start]
    let after = storage[(start + count)...]
    return before.allSatisfy { $0 == canary } && after.allSatisfy { $0 == canary }
  }
}

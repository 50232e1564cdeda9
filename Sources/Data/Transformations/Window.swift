extension Dataset {
  /// Returns windows of consecutive elements.
  ///
  /// - Parameters:
  ///   - size: How many elements a window has.
  ///   - shift: How many elements further the next window begins; by default `size`.
  ///   - stride: How many elements further the next one of the same window is.
  ///   - dropsRemainder: Whether windows at the end with fewer elements are left out.
  ///
  /// Source: `tf.data.Dataset.window`.
  public func windowed(
    _ size: Int, shift: Int? = nil, stride: Int = 1, dropsRemainder: Bool = false
  ) -> Dataset<[Element]> {
    let shift = shift ?? size
    return Dataset<[Element]>(options) { [start] pass in
      guard size > 0, shift > 0, stride > 0 else {
        throw DatasetError("size, shift and stride of windows must be positive, not \(size), \(shift) and \(stride)")
      }
      return WindowIterator(
        try start(pass), size: size, shift: shift, stride: stride, dropsRemainder: dropsRemainder)
    }
  }

  /// Returns what `reduce` makes of groups of elements with the same key.
  ///
  /// - Parameters:
  ///   - key: The key of an element.
  ///   - windowSize: How many elements make a group of this key; what is left at the end makes smaller groups, in the
  ///     order of their first elements.
  ///   - reduce: Makes elements of a group.
  ///
  /// Source: `tf.data.Dataset.group_by_window`.
  public func grouped<Key: Hashable & Sendable, Result: Sendable>(
    by key: @escaping @Sendable (Element) throws -> Key, windowSize: @escaping @Sendable (Key) -> Int,
    reduce: @escaping @Sendable (Key, [Element]) throws -> Dataset<Result>
  ) -> Dataset<Result> {
    let groups = Dataset<(key: Key, elements: [Element])>(options) { [start] pass in
      GroupingIterator(try start(pass), key: key, windowSize: windowSize)
    }
    return groups.flatMap { group in try reduce(group.key, group.elements) }
  }
}

private final class WindowIterator<Member: Sendable>: ElementIterator {
  private let base: any ElementIterator<Member>
  private let size: Int
  private let shift: Int
  private let stride: Int
  private let dropsRemainder: Bool
  private var buffer: [Member] = []
  /// How many elements come before the buffer's first one.
  private var gap = 0

  init(_ base: any ElementIterator<Member>, size: Int, shift: Int, stride: Int, dropsRemainder: Bool) {
    self.base = base
    self.size = size
    self.shift = shift
    self.stride = stride
    self.dropsRemainder = dropsRemainder
  }

  func next() throws -> [Member]? {
    gap -= try base.skip(gap)
    guard gap == 0 else { return nil }
    let span = (size - 1) * stride + 1
    while buffer.count < span, let member = try base.next() { buffer.append(member) }
    let window = Swift.stride(from: 0, to: min(buffer.count, span), by: stride).map { buffer[$0] }
    guard !window.isEmpty, window.count == size || !dropsRemainder else { return nil }
    gap = max(0, shift - buffer.count)
    buffer.removeFirst(min(shift, buffer.count))
    return window
  }
}

private final class GroupingIterator<Member: Sendable, Key: Hashable & Sendable>: ElementIterator {
  private let base: any ElementIterator<Member>
  private let key: (Member) throws -> Key
  private let windowSize: (Key) -> Int
  private var groups: [Key: [Member]] = [:]
  /// The keys of open groups in the order of their first elements.
  private var order: [Key] = []

  init(
    _ base: any ElementIterator<Member>, key: @escaping (Member) throws -> Key, windowSize: @escaping (Key) -> Int
  ) {
    self.base = base
    self.key = key
    self.windowSize = windowSize
  }

  func next() throws -> (key: Key, elements: [Member])? {
    while let member = try base.next() {
      let key = try key(member)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(member)
      if groups[key, default: []].count >= max(1, windowSize(key)) { return close(key) }
    }
    return order.first.flatMap(close)
  }

  private func close(_ key: Key) -> (key: Key, elements: [Member])? {
    order.removeAll { $0 == key }
    return groups.removeValue(forKey: key).map { (key, $0) }
  }
}

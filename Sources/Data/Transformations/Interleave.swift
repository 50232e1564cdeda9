extension Dataset {
  /// Returns the elements of several datasets in turns: `block` of each of `cycle` at a time; where one ends, the next
  /// takes its place.
  ///
  /// - Parameters:
  ///   - cycle: How many are read at once.
  ///   - block: How many elements come from one of them in a row.
  ///   - transform: Makes a dataset of each element of this one.
  ///
  /// Source: `tf.data.Dataset.interleave`.
  public func interleaved<Result: Sendable>(
    cycle: Int, block: Int = 1, _ transform: @escaping @Sendable (Element) throws -> Dataset<Result>
  ) -> Dataset<Result> {
    Dataset<Result>(options) { [start] pass in
      InterleaveIterator(try start(pass), cycle: max(1, cycle), block: max(1, block)) { element in
        try transform(element).start(pass)
      }
    }
  }

  /// Returns what `interleaved` does, each of the datasets computed by a thread of its own ahead of its turn.
  ///
  /// - Parameters:
  ///   - cycle: How many are read at once.
  ///   - block: How many elements come from one of them in a row.
  ///   - ahead: How many elements of each are computed before they are asked for.
  ///   - deterministic: Whether the order stays; else a dataset that has none ready is passed over. By default as the
  ///     options of the dataset say, and if they say nothing, it stays.
  ///
  /// Source: `tf.data.experimental.parallel_interleave`, whose `sloppy` is the opposite of `deterministic`.
  public func parallelInterleaved<Result: Sendable>(
    cycle: Int, block: Int = 1, ahead: Int = 16, deterministic: Bool? = nil,
    _ transform: @escaping @Sendable (Element) throws -> Dataset<Result>
  ) -> Dataset<Result> {
    Dataset<Result>(options) { [start] pass in
      let bell = deterministic ?? pass.options.deterministic ?? true ? nil : Bell()
      return InterleaveIterator(
        try start(pass), cycle: max(1, cycle), block: max(1, block), bell: bell
      ) { element in
        let base = try transform(element).start(pass)
        return ReadAhead(base, threads: 1, capacity: max(1, ahead), bell: bell) { element, _ in element }
      }
    }
  }
}

private final class InterleaveIterator<Input: Sendable, Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Input>
  private let open: (Input) throws -> any ElementIterator<Element>
  private let block: Int
  /// Rings when there is an element in one of the slots; nil where they take turns.
  private let bell: Bell?
  private var slots: [(any ElementIterator<Element>)?]
  private var slot = 0
  /// What is left of the block of the slot.
  private var left: Int
  private var baseHasEnded = false

  init(
    _ base: any ElementIterator<Input>, cycle: Int, block: Int, bell: Bell? = nil,
    open: @escaping (Input) throws -> any ElementIterator<Element>
  ) {
    self.base = base
    self.block = block
    self.bell = bell
    self.open = open
    slots = [(any ElementIterator<Element>)?](repeating: nil, count: cycle)
    left = block
  }

  func next() throws -> Element? {
    var emptySlots = 0
    while emptySlots < slots.count {
      if slots[slot] == nil { try fill() }
      if let bell { try findReady(bell) }
      if left > 0, let element = try slots[slot]?.next() {
        left -= 1
        return element
      }
      // Either the block is full, or its source has ended.
      if left > 0 { slots[slot] = nil }
      emptySlots = slots[slot] == nil && baseHasEnded ? emptySlots + 1 : 0
      slot = (slot + 1) % slots.count
      left = block
    }
    return nil
  }

  /// Moves on to the next slot whose element need not be waited for, and waits until there is one.
  private func findReady(_ bell: Bell) throws {
    let first = slot
    while true {
      let rings = bell.count
      for step in slots.indices {
        slot = (first + step) % slots.count
        if slots[slot] == nil { try fill() }
      }
      let ready = slots.indices.map { (first + $0) % slots.count }.first { slots[$0]?.isReady == true }
      slot = ready ?? first
      if slot != first { left = block }
      if ready != nil || slots.allSatisfy({ $0 == nil }) { return }
      bell.wait(after: rings)
    }
  }

  private func fill() throws {
    guard !baseHasEnded else { return }
    if let input = try base.next() { slots[slot] = try open(input) } else { baseHasEnded = true }
  }
}

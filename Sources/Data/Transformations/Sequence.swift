extension Dataset {
  /// Returns the dataset `count` times one after the other, or without end if nil.
  ///
  /// Source: `tf.data.Dataset.repeat`.
  public func repeated(_ count: Int? = nil) -> Dataset {
    Dataset(options) { [start] pass in
      RepeatIterator(count: count) { round in try start(pass.numbered(pass.number &* 1_000_003 &+ round)) }
    }
  }

  /// Returns the first `count` elements.
  ///
  /// Source: `tf.data.Dataset.take`.
  public func taking(_ count: Int) -> Dataset {
    Dataset(options) { [start] pass in TakeIterator(try start(pass), count: max(0, count)) }
  }

  /// Returns all elements but the first `count`.
  ///
  /// Source: `tf.data.Dataset.skip`.
  public func skipping(_ count: Int) -> Dataset {
    Dataset(options) { [start] pass in
      let base = try start(pass)
      _ = try base.skip(max(0, count))
      return base
    }
  }

  /// Returns the elements of this dataset and then those of `other`.
  ///
  /// Source: `tf.data.Dataset.concatenate`.
  public func concatenated(with other: Dataset) -> Dataset {
    Dataset(options.merged(with: other.options)) { [start] pass in
      RepeatIterator(count: 2) { round in try round == 0 ? start(pass) : other.start(pass) }
    }
  }
}

private final class RepeatIterator<Element: Sendable>: ElementIterator {
  private let count: Int?
  private let start: (Int) throws -> any ElementIterator<Element>
  private var round = 0
  private var current: (any ElementIterator<Element>)?
  /// Elements that this round has yielded: an endless repetition of nothing must end.
  private var yielded = 0

  init(count: Int?, start: @escaping (Int) throws -> any ElementIterator<Element>) {
    self.count = count
    self.start = start
  }

  func next() throws -> Element? {
    while let iterator = try currentIterator() {
      if let element = try iterator.next() {
        yielded += 1
        return element
      }
      guard endRound() else { return nil }
    }
    return nil
  }

  func skip(_ total: Int) throws -> Int {
    var skipped = 0
    while skipped < total, let iterator = try currentIterator() {
      let done = try iterator.skip(total - skipped)
      skipped += done
      yielded += done
      if skipped < total, !endRound() { break }
    }
    return skipped
  }

  private func currentIterator() throws -> (any ElementIterator<Element>)? {
    if let current { return current }
    if let count, round >= count { return nil }
    current = try start(round)
    return current
  }

  /// Returns whether there may be more.
  private func endRound() -> Bool {
    let isFutile = count == nil && yielded == 0
    current = nil
    round += 1
    yielded = 0
    return !isFutile
  }
}

private final class TakeIterator<Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Element>
  private var left: Int

  init(_ base: any ElementIterator<Element>, count: Int) {
    self.base = base
    left = count
  }

  func next() throws -> Element? {
    guard left > 0 else { return nil }
    left -= 1
    return try base.next()
  }

  func skip(_ count: Int) throws -> Int {
    let skipped = try base.skip(min(count, left))
    left -= skipped
    return skipped
  }
}

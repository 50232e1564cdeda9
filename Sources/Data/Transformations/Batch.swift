extension Dataset where Element: Batchable {
  /// Returns batches of `size` elements along a new first axis.
  ///
  /// - Parameters:
  ///   - dropsRemainder: Whether a last batch with fewer elements is left out.
  ///   - threads: How many threads put batches together at once, ahead of the reader. 0 means that the reader of the
  ///     dataset does it itself.
  ///   - deterministic: Whether the order stays; else batches come as they are ready. By default as the options say.
  ///
  /// Source: `tf.data.Dataset.batch`.
  public func batched(_ size: Int, dropsRemainder: Bool = false, threads: Int = 0, deterministic: Bool? = nil)
    -> Dataset<Element.Batch>
  {
    Dataset<Element.Batch>(options) { [start] pass in
      let groups = GroupIterator(try start(pass), size: max(1, size), dropsRemainder: dropsRemainder)
      return pass.mapping(groups, threads: threads, ahead: 2, deterministic) { elements, _ in
        try Element.batch(of: elements)
      }
    }
  }
}

/// Takes `size` elements at a time.
private final class GroupIterator<Member: Sendable>: ElementIterator {
  private let base: any ElementIterator<Member>
  private let size: Int
  private let dropsRemainder: Bool

  init(_ base: any ElementIterator<Member>, size: Int, dropsRemainder: Bool) {
    self.base = base
    self.size = size
    self.dropsRemainder = dropsRemainder
  }

  func next() throws -> [Member]? {
    var members: [Member] = []
    members.reserveCapacity(min(size, 1 << 16))
    while members.count < size, let member = try base.next() { members.append(member) }
    return members.count == size || (!members.isEmpty && !dropsRemainder) ? members : nil
  }

  func skip(_ count: Int) throws -> Int {
    let members = try base.skip(count * size)
    return members / size + (members % size > 0 && !dropsRemainder ? 1 : 0)
  }
}

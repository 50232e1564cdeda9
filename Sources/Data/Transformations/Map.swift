extension Dataset {
  /// Returns a dataset of what `transform` makes of each element.
  ///
  /// - Parameters:
  ///   - threads: How many threads call it at once, several elements ahead. 0 means that the reader of the dataset calls
  ///     it itself.
  ///   - deterministic: Whether the order stays; else results come as they are ready. By default as the options of the
  ///     dataset say, and if they say nothing, it stays.
  ///
  /// Source: `tf.data.Dataset.map`.
  public func map<Result: Sendable>(
    threads: Int = 0, deterministic: Bool? = nil, _ transform: @escaping @Sendable (Element) throws -> Result
  ) -> Dataset<Result> {
    Dataset<Result>(options) { [start] pass in
      pass.mapping(try start(pass), threads: threads, ahead: 64, deterministic) { element, _ in try transform(element) }
    }
  }

  /// Returns a dataset of what `transform` makes of each element with random numbers of its own.
  ///
  /// The numbers depend on the seed and on how many elements came before, not on the threads.
  ///
  /// - Parameters:
  ///   - seed: nil draws differently each time.
  ///   - deterministic: Whether the order stays; else results come as they are ready.
  public func map<Result: Sendable>(
    threads: Int = 0, deterministic: Bool? = nil, seed: UInt64?,
    _ transform: @escaping @Sendable (Element, inout ElementRandom) throws -> Result
  ) -> Dataset<Result> {
    Dataset<Result>(options) { [start] pass in
      let seed = seed ?? .random(in: .min ... .max)
      return pass.mapping(try start(pass), threads: threads, ahead: 64, deterministic) { element, index in
        var random = ElementRandom(seed: seed, element: index)
        return try transform(element, &random)
      }
    }
  }

  /// Returns a dataset of those elements for which `isIncluded` holds.
  public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> Dataset {
    Dataset(options) { [start] pass in
      FilterIterator(try start(pass), isIncluded)
    }
  }

  /// Returns the same dataset, computed by a thread of its own up to `count` elements ahead of its reader.
  ///
  /// Source: `tf.data.Dataset.prefetch`.
  public func prefetched(_ count: Int) -> Dataset {
    guard count > 0 else { return self }
    return Dataset(options) { [start] pass in
      ReadAhead(try start(pass), threads: 1, capacity: count) { element, _ in element }
    }
  }
}

extension Pass {
  /// Returns an iterator that calls `transform` itself, or with threads that do, each up to `ahead` elements ahead.
  ///
  /// - Parameter deterministic: Whether the order stays; nil is what the options say.
  func mapping<Input: Sendable, Element: Sendable>(
    _ base: any ElementIterator<Input>, threads: Int, ahead: Int, _ deterministic: Bool? = nil,
    _ transform: @escaping @Sendable (Input, Int) throws -> Element
  ) -> any ElementIterator<Element> {
    guard threads > 0 else { return MapIterator(base, transform) }
    let isOrdered = deterministic ?? options.deterministic ?? true
    return ReadAhead(base, threads: threads, capacity: ahead * threads, isOrdered: isOrdered) { [limit] input, index in
      guard let limit else { return try transform(input, index) }
      return try limit.run { try transform(input, index) }
    }
  }
}

/// Random numbers for one element of a dataset.
///
/// Source: Steele, Lea and Flood 2014 (SplitMix64).
public struct ElementRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Returns the generator of element number `element`.
  public init(seed: UInt64, element: Int) {
    var mixer = ElementRandom(state: seed)
    state = mixer.next() ^ (UInt64(truncatingIfNeeded: element) &* 0xD1B5_4A32_D192_ED03)
  }

  private init(state: UInt64) {
    self.state = state
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

final class MapIterator<Input: Sendable, Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Input>
  private let transform: (Input, Int) throws -> Element
  private var index = 0

  init(_ base: any ElementIterator<Input>, _ transform: @escaping (Input, Int) throws -> Element) {
    self.base = base
    self.transform = transform
  }

  func next() throws -> Element? {
    guard let element = try base.next() else { return nil }
    defer { index += 1 }
    return try transform(element, index)
  }

  func skip(_ count: Int) throws -> Int {
    let skipped = try base.skip(count)
    index += skipped
    return skipped
  }
}

private final class FilterIterator<Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Element>
  private let isIncluded: (Element) throws -> Bool

  init(_ base: any ElementIterator<Element>, _ isIncluded: @escaping (Element) throws -> Bool) {
    self.base = base
    self.isIncluded = isIncluded
  }

  func next() throws -> Element? {
    while let element = try base.next() {
      if try isIncluded(element) { return element }
    }
    return nil
  }
}

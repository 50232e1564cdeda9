extension Dataset {
  /// Returns pairs of the elements of this dataset and of `other`, until one of them ends.
  ///
  /// Source: `tf.data.Dataset.zip`.
  public func zipped<Other: Sendable>(with other: Dataset<Other>) -> Dataset<(Element, Other)> {
    Dataset<(Element, Other)>(options.merged(with: other.options)) { [start] pass in
      ZipIterator(try start(pass), try other.start(pass))
    }
  }

  /// Returns the elements with their numbers.
  ///
  /// Source: `tf.data.Dataset.enumerate`.
  public func enumerated(from first: Int = 0) -> Dataset<(index: Int, element: Element)> {
    Dataset<(index: Int, element: Element)>(options) { [start] pass in
      MapIterator(try start(pass)) { element, index in (index: first + index, element: element) }
    }
  }

  /// Returns every `count`-th element from number `index` on: the part of one of `count` workers.
  ///
  /// Source: `tf.data.Dataset.shard`.
  public func sharded(count: Int, index: Int) -> Dataset {
    Dataset(options) { [start] pass in
      guard count > 0, (0..<count).contains(index) else {
        throw DatasetError("there is no shard \(index) of \(count)")
      }
      return ShardIterator(try start(pass), count: count, index: index)
    }
  }

  /// Returns the elements of the datasets that `transform` makes of each element, one dataset after the other.
  ///
  /// Source: `tf.data.Dataset.flat_map`.
  public func flatMap<Result: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Dataset<Result>
  ) -> Dataset<Result> {
    interleaved(cycle: 1, block: .max, transform)
  }

  /// Returns the elements without those that could not be computed: their errors are passed over.
  ///
  /// What a source cannot go on after, a damaged file for instance, ends the dataset.
  ///
  /// Source: `tf.data.Dataset.ignore_errors`.
  public func ignoringErrors() -> Dataset {
    Dataset(options) { [start] pass in ErrorFreeIterator(try start(pass)) }
  }

  /// Returns elements of several datasets, each drawn from a random one of those that have not ended.
  ///
  /// - Parameters:
  ///   - weights: How often each is drawn from, relative to the others; by default all alike.
  ///   - seed: nil draws differently each time.
  ///
  /// Source: `tf.data.Dataset.sample_from_datasets`.
  public static func sampled(from datasets: [Dataset], weights: [Double]? = nil, seed: UInt64? = nil) -> Dataset {
    Dataset(datasets.reduce(DatasetOptions()) { $0.merged(with: $1.options) }) { pass in
      let weights = weights ?? datasets.map { _ in 1 }
      guard weights.count == datasets.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw DatasetError("\(datasets.count) datasets cannot be drawn from with the weights \(weights)")
      }
      let random = ElementRandom(seed: seed ?? .random(in: .min ... .max), element: pass.number)
      return SamplingIterator(try datasets.map { try $0.start(pass) }, weights: weights, random: random)
    }
  }

  /// Returns what `combine` makes of all elements, one after the other.
  ///
  /// - Throws: The first error on the way.
  ///
  /// Source: `tf.data.Dataset.reduce`.
  public func reduced<Result>(_ initial: Result, _ combine: (Result, Element) throws -> Result) throws -> Result {
    let iterator = try makeIterator()
    var result = initial
    while let element = try iterator.next() { result = try combine(result, element) }
    return result
  }
}

private final class ZipIterator<First: Sendable, Second: Sendable>: ElementIterator {
  private let first: any ElementIterator<First>
  private let second: any ElementIterator<Second>

  init(_ first: any ElementIterator<First>, _ second: any ElementIterator<Second>) {
    self.first = first
    self.second = second
  }

  func next() throws -> (First, Second)? {
    guard let left = try first.next(), let right = try second.next() else { return nil }
    return (left, right)
  }

  func skip(_ count: Int) throws -> Int { min(try first.skip(count), try second.skip(count)) }
}

private final class ShardIterator<Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Element>
  private let count: Int
  /// How many elements come before the next one of the shard.
  private var gap: Int

  init(_ base: any ElementIterator<Element>, count: Int, index: Int) {
    self.base = base
    self.count = count
    gap = index
  }

  func next() throws -> Element? {
    guard try base.skip(gap) == gap else { return nil }
    gap = count - 1
    return try base.next()
  }
}

private final class ErrorFreeIterator<Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Element>

  init(_ base: any ElementIterator<Element>) { self.base = base }

  /// A source that fails again and again without an element in between has broken down.
  private static var patience: Int { 1000 }

  func next() throws -> Element? {
    for _ in 0..<Self.patience {
      do { return try base.next() } catch { continue }
    }
    return nil
  }
}

private final class SamplingIterator<Element: Sendable>: ElementIterator {
  private var bases: [any ElementIterator<Element>]
  private var weights: [Double]
  private var random: ElementRandom

  init(_ bases: [any ElementIterator<Element>], weights: [Double], random: ElementRandom) {
    self.bases = bases
    self.weights = weights
    self.random = random
  }

  func next() throws -> Element? {
    while let chosen = draw() {
      if let element = try bases[chosen].next() { return element }
      weights[chosen] = 0
    }
    return nil
  }

  private func draw() -> Int? {
    let total = weights.reduce(0, +)
    guard total > 0 else { return nil }
    var place = Double.random(in: 0..<total, using: &random)
    for (index, weight) in weights.enumerated() where weight > 0 {
      if place < weight { return index }
      place -= weight
    }
    return weights.lastIndex { $0 > 0 }
  }
}

extension Dataset {
  /// Returns the elements in random order: a buffer is filled, and each element is drawn from it and replaced by the
  /// next of the dataset.
  ///
  /// - Parameters:
  ///   - buffer: The number of elements to draw from; a full shuffle takes as many as the dataset has.
  ///   - seed: nil shuffles differently each time.
  ///   - reshufflesEachIteration: Whether each new iteration has an order of its own; they still repeat with the seed
  ///     when `repeated` goes through the dataset several times.
  ///
  /// Source: `tf.data.Dataset.shuffle`.
  public func shuffled(buffer: Int, seed: UInt64? = nil, reshufflesEachIteration: Bool = true) -> Dataset {
    Dataset(options) { [start] pass in
      let order = reshufflesEachIteration ? pass.number : 0
      let random = ElementRandom(seed: seed ?? .random(in: .min ... .max), element: order)
      return ShuffleIterator(capacity: max(1, buffer), random: random) { try start(pass) }
    }
  }
}

private final class ShuffleIterator<Element: Sendable>: ElementIterator {
  private let start: () throws -> any ElementIterator<Element>
  private let capacity: Int
  private var random: ElementRandom
  private var base: (any ElementIterator<Element>)?
  private var buffer: [Element] = []
  private var baseEnded = false

  init(capacity: Int, random: ElementRandom, start: @escaping () throws -> any ElementIterator<Element>) {
    self.start = start
    self.capacity = capacity
    self.random = random
  }

  func next() throws -> Element? {
    let base = try self.base ?? start()
    self.base = base
    while !baseEnded, buffer.count < capacity {
      guard let element = try base.next() else {
        baseEnded = true
        break
      }
      buffer.append(element)
    }
    return buffer.isEmpty ? nil : draw(from: &buffer, using: &random)
  }

  /// Before the first element, draws places instead of elements, and then reads only the elements that stay in the
  /// buffer; later, when the places of buffered elements are forgotten, one by one.
  func skip(_ count: Int) throws -> Int {
    guard base == nil, count > 0 else {
      for skipped in 0..<count where try next() == nil { return skipped }
      return count
    }
    // A second iterator finds out whether the dataset is that long.
    let length = try start().skip(count + capacity)
    let (places, filled, skipped) = drawPlaces(count, of: length)
    let base = try start()
    self.base = base
    buffer = try elements(at: places, of: base, upTo: filled)
    baseEnded = length < count + capacity
    return skipped
  }

  /// Returns the places in the dataset of the elements in the buffer after `count` draws, in the buffer's order, and how
  /// many elements have gone into the buffer by then.
  private func drawPlaces(_ count: Int, of length: Int) -> (places: [Int], filled: Int, drawn: Int) {
    var places: [Int] = []
    var nextPlace = 0
    var drawn = 0
    while drawn < count {
      while nextPlace < length, places.count < capacity {
        places.append(nextPlace)
        nextPlace += 1
      }
      if places.isEmpty { break }
      _ = draw(from: &places, using: &random)
      drawn += 1
    }
    return (places, nextPlace, drawn)
  }

  private func elements(
    at places: [Int], of base: any ElementIterator<Element>, upTo end: Int
  ) throws -> [Element] {
    var byPlace: [Int: Element] = [:]
    var place = 0
    for wanted in places.sorted() {
      place += try base.skip(wanted - place)
      guard place == wanted, let element = try base.next() else {
        throw DatasetError("a dataset ended after \(place) elements where it had more a moment before")
      }
      byPlace[wanted] = element
      place += 1
    }
    _ = try base.skip(end - place)
    return places.compactMap { byPlace[$0] }
  }
}

/// Returns a random member, whose place the last one takes.
private func draw<Member>(from buffer: inout [Member], using random: inout ElementRandom) -> Member {
  let chosen = Int.random(in: 0..<buffer.count, using: &random)
  buffer.swapAt(chosen, buffer.count - 1)
  return buffer.removeLast()
}

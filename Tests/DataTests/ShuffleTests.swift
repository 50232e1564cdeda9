import EspalierData
import Testing

/// How `tf.data` shuffles: a buffer is filled, and each element is drawn from it and replaced by the next.
@Suite struct ShuffleTests {
  private let buffer = 4
  private let count = 12
  private let trials = 4000

  /// How often each element comes at each place, over orders of many seeds: `[place][element]`.
  private func frequencies(_ order: (UInt64) throws -> [Int]) rethrows -> [[Double]] {
    var result = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for seed in 0..<UInt64(trials) {
      for (place, element) in try order(seed).enumerated() { result[place][element] += 1 / Double(trials) }
    }
    return result
  }

  /// The probabilities of this rule: an element waits in the buffer from its turn on, and each draw takes each of those
  /// that wait alike.
  private var probabilities: [[Double]] {
    var result = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for element in 0..<count {
      var waits = 1.0
      for place in max(0, element - buffer + 1)..<count {
        let chance = 1 / Double(min(buffer, count - place))
        result[place][element] = waits * chance
        waits *= 1 - chance
      }
    }
    return result
  }

  @Test func elementsAreDrawnFromTheBufferAlike() throws {
    let found = try frequencies { seed in
      try Dataset.range(0..<count).shuffled(buffer: buffer, seed: seed).collected()
    }
    for (found, expected) in zip(found.joined(), probabilities.joined()) {
      let deviation = (expected * (1 - expected) / Double(trials)).squareRoot()
      #expect(abs(found - expected) <= 5 * deviation)
    }
  }

  @Test func resumedShufflesDrawAsOthersDo() throws {
    for seed in 0..<50 as Range<UInt64> {
      let dataset = Dataset.range(0..<count).shuffled(buffer: buffer, seed: seed)
      let whole = try dataset.collected()
      for place in 0...count {
        let iterator = try dataset.makeIterator()
        try iterator.skip(place)
        var rest: [Int] = []
        while let element = try iterator.next() { rest.append(element) }
        #expect(rest == Array(whole[place...]))
      }
    }
  }

  @Test func epochsStayApartWhenShufflingComesFirst() throws {
    let apart = try Dataset.range(0..<count).shuffled(buffer: count, seed: 1).repeated(3).collected()
    for epoch in 0..<3 { #expect(apart[epoch * count..<(epoch + 1) * count].sorted() == Array(0..<count)) }
    let mixed = try Dataset.range(0..<count).repeated(3).shuffled(buffer: count, seed: 1).collected()
    #expect(mixed.sorted() == apart.sorted())
    #expect(mixed[..<count].sorted() != Array(0..<count))
  }
}

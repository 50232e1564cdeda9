import EspalierData
import EspalierFormats
import EspalierGraph
import Testing

@Suite struct DatasetTests {
  private let ten = Dataset.range(0..<10)

  @Test func stagesFollowEachOther() throws {
    #expect(try ten.skipping(3).taking(4).collected() == [3, 4, 5, 6])
    #expect(try ten.taking(2).repeated(3).collected() == [0, 1, 0, 1, 0, 1])
    #expect(try ten.filter { $0 % 3 == 0 }.map { $0 * 10 }.collected() == [0, 30, 60, 90])
    #expect(try ten.taking(1).concatenated(with: ten.skipping(9)).collected() == [0, 9])
    #expect(try Dataset<Int>.elements([]).repeated().collected() == [])
  }

  @Test func sparseTensorsAreSlicedRowByRow() throws {
    func sparse(_ indices: [[Int]], _ values: [Float], _ shape: [Int]) -> SparseValues {
      SparseValues(indices: indices, values: HostTensor(values), denseShape: shape)
    }
    // TensorFlow's slices of the same tensor; the second row is empty.
    let whole = sparse([[0, 0], [0, 2], [2, 1]], [1, 2, 3], [3, 4])
    #expect(
      try Dataset.slices(of: whole).collected()
        == [sparse([[0], [2]], [1, 2], [4]), sparse([], [], [4]), sparse([[1]], [3], [4])])
    for (indices, message) in [
      ([[0, 0], [0, 4]], "[0, 4] is no place in a tensor of shape [3, 4]"),
      ([[1, 0], [0, 2]], "[0, 2] does not come after [1, 0]"), ([[0, 0]], "1 places do not fit values of shape [2]"),
    ] {
      let error = #expect(throws: DatasetError.self) { try Dataset.slices(of: sparse(indices, [1, 2], [3, 4])) }
      #expect(error?.description == message)
    }
  }

  @Test func shufflingIsAPermutationThatTheSeedDecides() throws {
    let once = try ten.shuffled(buffer: 4, seed: 1).collected()
    #expect(once.sorted() == Array(0..<10))
    #expect(once != Array(0..<10))
    #expect(try ten.shuffled(buffer: 4, seed: 1).collected() == once)
    #expect(try ten.shuffled(buffer: 4, seed: 2).collected() != once)
    // Nothing comes earlier than the buffer lets it.
    for (place, element) in once.enumerated() { #expect(element <= place + 3) }
  }

  @Test func eachPassHasItsOwnOrder() throws {
    let passes = try ten.shuffled(buffer: 10, seed: 3).repeated(2).collected()
    #expect(passes[..<10].sorted() == Array(0..<10))
    #expect(Array(passes[..<10]) != Array(passes[10...]))
    let same = try ten.shuffled(buffer: 10, seed: 3, reshufflesEachIteration: false).repeated(2).collected()
    #expect(Array(same[..<10]) == Array(same[10...]))
  }

  @Test(arguments: [0, 1, 3]) func threadsKeepTheOrder(threads: Int) throws {
    let squares = Dataset.range(0..<500).map(threads: threads) { $0 * $0 }
    #expect(try squares.collected() == (0..<500).map { $0 * $0 })
    let drawn = Dataset.range(0..<100).map(threads: threads, seed: 9) { element, random in
      element * 1000 + Int.random(in: 0..<1000, using: &random)
    }
    let alone = Dataset.range(0..<100).map(threads: 0, seed: 9) { element, random in
      element * 1000 + Int.random(in: 0..<1000, using: &random)
    }
    #expect(try drawn.collected() == alone.collected())
  }

  @Test(arguments: [0, 2]) func anErrorComesInItsPlace(threads: Int) throws {
    struct Planted: Error {}
    let failing = Dataset.range(0..<50).map(threads: threads) { element in
      if element == 20 { throw Planted() }
      return element
    }
    let iterator = try failing.prefetched(2).makeIterator()
    for expected in 0..<20 { #expect(try iterator.next() == expected) }
    #expect(throws: Planted.self) { try iterator.next() }
  }

  @Test(arguments: [1, 2, 3]) func threadsGoPastManyElementsAndThenAnError(threads: Int) throws {
    struct Planted: Error {}
    let broken = Dataset<Int>.generated {
      var count = 0
      return {
        count += 1
        if count > 5000 { throw Planted() }
        return count
      }
    }
    let iterator = try broken.map(threads: threads) { -$0 }.makeIterator()
    for expected in 1...5000 { #expect(try iterator.next() == -expected) }
    #expect(throws: Planted.self) { try iterator.next() }
    #expect(throws: Planted.self) { try iterator.next() }
  }

  @Test func abandonedThreadsAreJoined() throws {
    for taken in 0..<30 {
      let iterator = try Dataset.range(0..<1000).repeated().map(threads: 2) { $0 }.prefetched(3).makeIterator()
      for expected in 0..<taken { #expect(try iterator.next() == expected) }
    }
  }

  @Test(arguments: [0, 1, 7, 39, 40, 41, 99, 120]) func skippingIsLikeReading(count: Int) throws {
    let pipeline = Dataset.range(0..<40).shuffled(buffer: 7, seed: 5).repeated(3)
      .map(threads: 2, seed: 4) { element, random in element * 1000 + Int.random(in: 0..<1000, using: &random) }
      .shuffled(buffer: 11, seed: 6).prefetched(2)
    let all = try pipeline.collected()
    let iterator = try pipeline.makeIterator()
    #expect(try iterator.skip(count) == count)
    #expect(iterator.position == count)
    var rest: [Int] = []
    while let element = try iterator.next() { rest.append(element) }
    #expect(rest == Array(all[count...]))
  }

  @Test func skippingStopsAtTheEnd() throws {
    #expect(try ten.shuffled(buffer: 4, seed: 1).makeIterator().skip(25) == 10)
    #expect(try ten.repeated(2).makeIterator().skip(25) == 20)
  }
}

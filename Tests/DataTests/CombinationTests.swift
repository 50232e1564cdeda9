import EspalierData
import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct CombinationTests {
  private struct Planted: Error {}
  private let ten = Dataset.range(0..<10)

  @Test func pairsEndWithTheShorter() throws {
    let pairs = ten.zipped(with: Dataset.elements(["a", "b", "c"]))
    #expect(try pairs.collected().map { "\($0.0)\($0.1)" } == ["0a", "1b", "2c"])
    let numbered = try ten.skipping(8).enumerated(from: 5).collected()
    #expect(numbered.map(\.index) == [5, 6] && numbered.map(\.element) == [8, 9])
    let iterator = try pairs.makeIterator()
    #expect(try iterator.skip(5) == 3)
  }

  @Test func shardsArePartsOfTheWhole() throws {
    #expect(try ten.sharded(count: 3, index: 1).collected() == [1, 4, 7])
    #expect(try (0..<3).flatMap { try ten.sharded(count: 3, index: $0).collected() }.sorted() == Array(0..<10))
    #expect(throws: DatasetError.self) { try ten.sharded(count: 3, index: 3).collected() }
  }

  @Test func datasetsOfElementsFollowEachOther() throws {
    #expect(try ten.taking(4).flatMap { Dataset.range(0..<$0) }.collected() == [0, 0, 1, 0, 1, 2])
    #expect(try ten.reduced(0, +) == 45)
  }

  @Test func errorsArePassedOver() throws {
    let failing = ten.map { element in
      if element % 3 == 1 { throw Planted() }
      return element
    }
    #expect(try failing.ignoringErrors().collected() == [0, 2, 3, 5, 6, 8, 9])
    #expect(try Dataset<Int>.generated { { throw Planted() } }.ignoringErrors().collected().isEmpty)
  }

  @Test func samplesAreDrawnByWeight() throws {
    let zeros = Dataset<Int>.range(0..<1).repeated(1000)
    let ones = Dataset<Int>.range(1..<2).repeated(1000)
    let drawn = Dataset.sampled(from: [zeros, ones], weights: [1, 3], seed: 4)
    let first = try drawn.taking(400).reduced(0, +)
    #expect((270...330).contains(first))
    #expect(try drawn.taking(400).reduced(0, +) == first)
    #expect(try drawn.collected().count == 2000, "what has ended is not drawn from")
    #expect(try Dataset.sampled(from: [zeros, ones], weights: [0, 1], seed: 4).collected().count == 1000)
    #expect(throws: DatasetError.self) { try Dataset.sampled(from: [zeros], weights: [1, 2]).collected() }
  }

  @Test func cachesAreFilledOnce() throws {
    let counter = Lock(0)
    let counted = ten.map { element in
      counter.withLock { $0 += 1 }
      return element
    }
    let cached = counted.cached()
    #expect(try cached.repeated(3).collected().count == 30 && counter.withLock { $0 } == 10)
    // A pass that is left half way fills nothing.
    let other = counted.cached()
    #expect(try other.taking(5).collected().count == 5 && other.collected() == Array(0..<10))
    let shuffled = ten.shuffled(buffer: 10, seed: 1).cached().repeated(2)
    let order = try shuffled.collected()
    #expect(order[..<10] == order[10...])
  }

  @Test func recordsAreCachedInFiles() throws {
    try withTemporaryDirectory { directory in
      let counter = Lock(0)
      let records = ten.map { element in
        counter.withLock { $0 += 1 }
        return [UInt8(element)]
      }
      for _ in 0..<2 {
        let found = try records.cached(in: directory + "/a/cache").collected()
        #expect(found == (0..<10).map { [UInt8($0)] })
      }
      #expect(counter.withLock { $0 } == 10)
    }
  }

  @Test func windowsAreTensorFlows() throws {
    #expect(try ten.windowed(4).collected() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(try ten.windowed(4, dropsRemainder: true).collected().count == 2)
    #expect(
      try ten.taking(7).windowed(3, shift: 2, stride: 2).collected() == [[0, 2, 4], [2, 4, 6], [4, 6], [6]])
    #expect(try ten.windowed(2, shift: 4).collected() == [[0, 1], [4, 5], [8, 9]])
    #expect(throws: DatasetError.self) { try ten.windowed(2, shift: 0).collected() }
  }

  @Test func groupsHaveOneKey() throws {
    let groups = ten.grouped(
      by: { $0 % 3 }, windowSize: { $0 == 0 ? 2 : 3 }, reduce: { _, members in .elements([members]) })
    #expect(try groups.collected() == [[0, 3], [1, 4, 7], [2, 5, 8], [6, 9]])
  }

  private func samples() -> Dataset<Sample> {
    Dataset.range(0..<6).map { length in
      Sample(
        features: ["x": HostTensor([Float](repeating: Float(length), count: length))],
        labels: .single(HostTensor(Int64(length))))
    }
  }

  @Test func batchesArePadded() throws {
    let batches = try samples().paddedBatched(4, paddingValue: -1).collected()
    let x = try #require(batches.first?.features["x"])
    #expect(x.shape == [4, 3])
    #expect(try x.scalars(as: Float.self) == [-1, -1, -1, 1, -1, -1, 2, 2, -1, 3, 3, 3])
    #expect(batches[1].features["x"]?.shape == [2, 5])
    let texts = try HostTensor(strings: [[65]], shape: [1])
    let none = try HostTensor(strings: [], shape: [0])
    let pair = Dataset.elements([Sample(features: texts), Sample(features: none)])
    #expect(try pair.paddedBatched(2).collected()[0].features.only?.strings() == [[65], []])
    let halves = Dataset.elements([Sample(features: HostTensor([Int32(1)]))])
    #expect(try halves.paddedBatched(1, paddingValue: 0.5).collected().count == 1, "nothing has to be padded")
    let ranks = Dataset.elements([Sample(features: HostTensor(Float(1))), Sample(features: HostTensor([Float(1)]))])
    #expect(throws: DatasetError.self) { try ranks.paddedBatched(2).collected() }
  }

  @Test func bucketsHoldSamplesOfLikeLength() throws {
    let bucketed = try samples().bucketed(
      by: { $0.features["x"]?.shape.first ?? 0 }, boundaries: [3], batchSizes: [2, 3])
    #expect(try bucketed.collected().map { $0.features["x"]?.shape } == [[2, 1], [3, 5], [1, 2]])
    #expect(throws: DatasetError.self) {
      try samples().bucketed(by: { _ in 0 }, boundaries: [3], batchSizes: [2])
    }
  }

  @Test func batchesAreTakenApart() throws {
    let batched = ten.map { Sample(features: HostTensor(Float($0)), labels: HostTensor(Int64($0))) }.batched(4)
    let labels = try batched.unbatched().collected().map { try $0.labels?.only?.scalar(as: Int64.self) }
    #expect(labels == (0..<10).map(Int64.init))
  }
}

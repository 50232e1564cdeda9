import EspalierData
import EspalierGraph
import Testing

@Suite struct DealTests {
  @Test func rowsGoToShardsInTurns() throws {
    let rows = try HostTensor((0..<10).map { Int32($0) }, shape: [5, 2])
    let dealt = try rows.dealt(to: 2)
    #expect(dealt.map(\.shape) == [[3, 2], [2, 2]])
    #expect(try dealt.map { try $0.scalars(as: Int32.self) } == [[0, 1, 4, 5, 8, 9], [2, 3, 6, 7]])
    #expect(try rows.dealt(to: 1) == [rows])
    #expect(try rows.dealt(to: 7).map(\.shape[0]) == [1, 1, 1, 1, 1, 0, 0])
    #expect(throws: DatasetError.self) { try rows.dealt(to: 0) }
    #expect(throws: DatasetError.self) { try HostTensor(Int32(1)).dealt(to: 2) }
  }

  @Test func samplesBecomeListsOfShards() throws {
    let sample = Sample(features: HostTensor([1, 2, 3, 4] as [Float]), labels: HostTensor([5, 6, 7, 8] as [Int32]))
    #expect(
      try sample.dealt(to: 2)
        == Sample(
          features: [HostTensor([1, 3] as [Float]), HostTensor([2, 4] as [Float])],
          labels: [HostTensor([5, 7] as [Int32]), HostTensor([6, 8] as [Int32])]))
    let whole = try sample.dealt(to: 1)
    #expect(whole.features == [HostTensor([1, 2, 3, 4] as [Float])])
    #expect(try Sample(features: HostTensor([1, 2] as [Float])).dealt(to: 2).labels == nil)
    let two = Sample(features: ["a": HostTensor(Float(1)), "b": HostTensor(Float(2))])
    #expect(throws: DatasetError.self) { try two.dealt(to: 2) }
  }
}

import EspalierData
import EspalierGraph
import Testing

@Suite struct BatchTests {
  @Test func batchesStackAlongANewAxis() throws {
    let slices = try Dataset.slices(of: HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]))
    let full = try HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    let rest = try HostTensor([5, 6] as [Float], shape: [1, 2])
    #expect(try slices.batched(2).collected() == [full, rest])
    #expect(try slices.batched(2, dropsRemainder: true).collected() == [full])
    #expect(try slices.batched(2).makeIterator().skip(5) == 2)
  }

  @Test(arguments: [0, 1, 2]) func threadsBatchInOrder(threads: Int) throws {
    let numbers = Dataset.range(0..<103).map { HostTensor(Int32($0)) }
    let batches = numbers.batched(10, dropsRemainder: true, threads: threads)
    let expected = (0..<10).map { batch in HostTensor((0..<10).map { Int32(batch * 10 + $0) }) }
    #expect(try batches.collected() == expected)
    let iterator = try batches.makeIterator()
    #expect(try iterator.skip(4) == 4)
    #expect(try iterator.next() == expected[4])
    #expect(try iterator.skip(9) == 5)
  }

  @Test func samplesKeepTheirStructure() throws {
    let sample = Sample(
      features: .dictionary(["a": HostTensor([1, 2] as [Float]), "b": HostTensor([3, 4] as [Int32])]),
      labels: .single(HostTensor([0, 1] as [Int64])))
    let batch = try #require(try Dataset.slices(of: sample).batched(2).collected().first)
    #expect(batch == sample)
  }

  @Test func rowsAreTakenInAnyOrder() throws {
    let tensor = try HostTensor([1, 2, 3, 4, 5, 6] as [Int32], shape: [3, 2])
    #expect(try tensor.rows(at: [2, 0]).scalars(as: Int32.self) == [5, 6, 1, 2])
    #expect(try HostTensor(strings: [[1], [2]], shape: [2]).rows(at: [1]).strings() == [[2]])
    #expect(throws: DatasetError.self) { try tensor.rows(at: [3]) }
    #expect(throws: DatasetError.self) { try HostTensor(1 as Float).rows(at: [0]) }
  }

  @Test func unlikeTensorsAreNotBatched() {
    let unlike = Dataset.elements([HostTensor([1] as [Float]), HostTensor([1, 2] as [Float])]).batched(2)
    #expect(throws: DatasetError.self) { try unlike.collected() }
  }
}

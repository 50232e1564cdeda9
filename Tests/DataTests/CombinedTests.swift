import EspalierData
import EspalierFormats
import EspalierGraph
import Foundation
import TestSupport
import Testing

/// Orders are those of TensorFlow 2.15.
@Suite struct CombinedTests {
  @Test func filesAreListedByPatterns() throws {
    try withTemporaryDirectory { directory in
      for name in ["b.txt", "a.txt", "c.dat", "a10.txt", "a2.txt"] {
        try Data().write(to: URL(fileURLWithPath: directory + "/" + name))
      }
      func names(_ patterns: String..., shuffles: Bool = false, seed: UInt64? = nil) throws -> [String] {
        try Dataset.listFiles(patterns.map { directory + "/" + $0 }, shuffles: shuffles, seed: seed).collected().map {
          String($0.dropFirst(directory.count + 1))
        }
      }
      #expect(try names("*.txt") == ["a.txt", "a10.txt", "a2.txt", "b.txt"])
      #expect(try names("c*", "a*.txt") == ["c.dat", "a.txt", "a10.txt", "a2.txt"])
      #expect(try names("a?.txt") == ["a2.txt"])
      #expect(try names("[ab].txt") == ["a.txt", "b.txt"])
      let shuffled = try names("*", shuffles: true, seed: 3)
      #expect(shuffled.sorted() == ["a.txt", "a10.txt", "a2.txt", "b.txt", "c.dat"])
      #expect(try names("*", shuffles: true, seed: 3) == shuffled)
      let error = #expect(throws: DatasetError.self) { try names("none*") }
      #expect(error?.description.contains("No files matched pattern: \(directory)/none*") == true)
    }
  }

  @Test func filesAreReadInTurns() throws {
    try withTemporaryDirectory { directory in
      let files = (0..<3).map { "\(directory)/\($0)" }
      for (number, count) in [4, 1, 3].enumerated() {
        let writer = try TFRecordWriter(path: files[number])
        for record in 0..<count { try writer.write([UInt8(number * 10 + record)]) }
        try writer.close()
      }
      let orders: [(Int, [UInt8])] = [
        (1, [0, 1, 2, 3, 10, 20, 21, 22]), (2, [0, 10, 1, 2, 20, 3, 21, 22]), (3, [0, 10, 20, 1, 21, 2, 22, 3]),
        (5, [0, 10, 20, 1, 21, 2, 22, 3]),
      ]
      for (readers, order) in orders {
        #expect(try Dataset.tfRecords(files, parallelReads: readers).collected().map { $0[0] } == order)
      }
      let blocks = Dataset.elements(files).parallelInterleaved(cycle: 2, block: 2) { .tfRecords([$0]) }
      #expect(try blocks.collected().map { $0[0] } == [0, 1, 10, 2, 3, 20, 21, 22])
    }
  }

  @Test func compressedFilesAreCut() throws {
    try withTemporaryDirectory { directory in
      for compression in [RecordCompression.gzip, .zlib] {
        let path = "\(directory)/\(compression)"
        let file = try LocalFileSystem().createFile(path, exclusively: true).compressed(compression)
        try file.write(Array("h\n12\n34\nf\n".utf8))
        try file.close()
        #expect(try Dataset.textLines([path], compression: compression).collected() == ["h", "12", "34", "f"])
        func records(_ bytes: Int) -> Dataset<[UInt8]> {
          .fixedLengthRecords([path], recordBytes: bytes, headerBytes: 2, footerBytes: 2, compression: compression)
        }
        #expect(try records(3).collected() == [Array("12\n".utf8), Array("34\n".utf8)])
        #expect(throws: DatasetError.self) { try records(4).collected() }
      }
    }
  }

  @Test func twoStepsInOne() throws {
    let five = Dataset.range(0..<5)
    let batches = five.mappedAndBatched(2, threads: 2) { HostTensor(Float($0 * 2)) }
    #expect(try batches.collected() == [[0, 2], [4, 6], [8]].map { HostTensor($0 as [Float]) })
    #expect(try five.mappedAndBatched(2, dropsRemainder: true) { HostTensor(Float($0)) }.collected().count == 2)
    let orders = try five.shuffledAndRepeated(buffer: 5, count: 3, seed: 1).collected()
    let passes = stride(from: 0, to: 15, by: 5).map { Array(orders[$0..<$0 + 5]) }
    #expect(passes.allSatisfy { $0.sorted() == [0, 1, 2, 3, 4] } && Set(passes).count > 1)
    #expect(try five.shuffledAndRepeated(buffer: 5, seed: 1).taking(15).collected() == orders)
    #expect(try five.prefetchedToDevice("/cpu:0").collected() == [0, 1, 2, 3, 4])
    #expect(try five.prefetchedToDevice("/job:localhost/device:CPU:0", 3).collected().count == 5)
    #expect(throws: DatasetError.self) { try five.prefetchedToDevice("/gpu:0") }
    #expect(try Dataset.range(from: 10, to: 0, by: -3).collected() == [10, 7, 4, 1])
    #expect(try Dataset.range(from: 1, to: 8, by: 3).collected() == [1, 4, 7])
    #expect(throws: DatasetError.self) { try Dataset.range(to: 3, by: 0) }
  }
}

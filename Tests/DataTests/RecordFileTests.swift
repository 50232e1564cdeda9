import EspalierData
import EspalierFormats
import Foundation
import Testing

@Suite struct RecordFileTests {
  private func withFiles(_ contents: [[UInt8]], _ body: ([String]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = contents.indices.map { folder.appendingPathComponent("part-\($0)").path }
    for (path, bytes) in zip(paths, contents) { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    try body(paths)
  }

  @Test func recordFilesFollowEachOther() throws {
    try withFiles([[], []]) { paths in
      for (index, path) in paths.enumerated() {
        let writer = try TFRecordWriter(path: path)
        for record in 0..<3 { try writer.write([UInt8(index), UInt8(record)]) }
        try writer.close()
      }
      let records = try Dataset.tfRecords(paths).collected()
      #expect(records == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
    }
  }

  @Test func aDamagedRecordNamesItsFileThroughThreads() throws {
    try withFiles([[]]) { paths in
      let writer = try TFRecordWriter(path: paths[0])
      for record in 0..<4 { try writer.write([UInt8](repeating: UInt8(record), count: 50)) }
      try writer.close()
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: paths[0])))
      bytes[2 * 66 + 20] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: paths[0]))
      let iterator = try Dataset.tfRecords(paths).map(threads: 2) { $0[0] }.prefetched(1).makeIterator()
      #expect(try iterator.next() == 0)
      #expect(try iterator.next() == 1)
      let error = #expect(throws: FormatError.self) { try iterator.next() }
      #expect(error?.file == paths[0])
    }
  }

  @Test func aMissingFileIsAnError() {
    #expect(throws: FormatError.self) { try Dataset.tfRecords(["/nowhere/at/all"]).collected() }
  }

  @Test func fixedLengthRecordsLieBetweenHeaderAndFooter() throws {
    try withFiles([[9, 1, 2, 3, 4, 5, 6, 9, 9]]) { paths in
      let records = try Dataset.fixedLengthRecords(paths, recordBytes: 3, headerBytes: 1, footerBytes: 2).collected()
      #expect(records == [[1, 2, 3], [4, 5, 6]])
      let unfit = Dataset.fixedLengthRecords(paths, recordBytes: 4)
      #expect(throws: DatasetError.self) { try unfit.collected() }
    }
  }

  @Test func linesEndWithEitherEnd() throws {
    let long = String(repeating: "x", count: 10_000)
    try withFiles([Array("a\r\n\nb\(long)\nlast".utf8), Array("next\n".utf8)]) { paths in
      let lines = try Dataset.textLines(paths).collected()
      #expect(lines == ["a", "", "b" + long, "last", "next"])
    }
  }
}

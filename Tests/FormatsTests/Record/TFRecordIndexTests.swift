import EspalierFormats
import TestSupport
import Testing

@Suite struct TFRecordIndexTests {
  private static let records: [[UInt8]] = [
    [1, 2, 3], [], [UInt8](repeating: 7, count: 300_000), [4, 5, 6, 7, 8], [9],
  ]

  @Test func recordsAreReadInAnyOrder() throws {
    try Self.withFile { path in
      let index = try TFRecordIndex(path: path)
      #expect(index.count == 5)
      for number in [4, 0, 2, 1, 3, 0] { #expect(try index.record(at: number) == Self.records[number]) }
      for number in [-1, 5, .max, .min] {
        #expect { try index.record(at: number) } throws: { ($0 as? FormatError)?.kind == .invalidArgument }
      }
    }
  }

  @Test func damagedRecordsThrowWhenTheyAreRead() throws {
    try Self.withFile { path in
      var whole = try bytes(ofFile: path)
      whole[13] ^= 1
      try write(whole, toFile: path)
      let index = try TFRecordIndex(path: path)
      #expect { try index.record(at: 0) } throws: { error in
        (error as? FormatError)?.kind == .dataLoss && "\(error)".contains("byte 0: record 0: checksum")
      }
      #expect(try index.record(at: 1) == [])
    }
  }

  @Test func damagedLengthsAndCutsThrowAtOnce() throws {
    try Self.withFile { path in
      let whole = try bytes(ofFile: path)
      for count in 1..<50 {
        let cut = Array(whole.dropLast(count))
        try write(cut, toFile: path)
        // Cuts between records leave a file of fewer records.
        if [17, 38].contains(count) {
          #expect(try TFRecordIndex(path: path).count == (count == 17 ? 4 : 3))
        } else {
          #expect(throws: FormatError.self) { try TFRecordIndex(path: path) }
        }
      }
      var damaged = whole
      damaged[20] ^= 1
      try write(damaged, toFile: path)
      #expect { try TFRecordIndex(path: path) } throws: {
        "\($0)".contains("byte 19: record 1: checksum of the length")
      }
    }
  }

  private static func withFile(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let writer = try TFRecordWriter(path: directory + "/a")
      for record in records { try writer.write(record) }
      try writer.close()
      try body(directory + "/a")
    }
  }
}

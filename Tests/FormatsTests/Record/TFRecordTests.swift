import EspalierFormats
import TestSupport
import Testing

@Suite struct TFRecordTests {
  @Test(arguments: RecordCompression.allCases)
  func writtenRecordsAreReadBack(_ compression: RecordCompression) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.tfrecord"
      let records = Self.sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) } }
      let writer = try TFRecordWriter(path: path, compression: compression)
      for record in records { try writer.write(record) }
      #expect(writer.recordCount == records.count)
      try writer.close()
      for bufferSize in [1, 1 << 18] {
        let reader = try TFRecordReader(path: path, compression: compression, bufferSize: bufferSize)
        #expect(try Self.all(reader) == records)
        #expect(reader.recordCount == records.count)
      }
    }
  }

  /// A flushed file can be read while it is still open.
  @Test(arguments: RecordCompression.allCases)
  func flushedRecordsAreVisible(_ compression: RecordCompression) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.tfrecord"
      let writer = try TFRecordWriter(path: path, compression: compression)
      try writer.write([1, 2, 3])
      try writer.flush()
      #expect(try TFRecordReader(path: path, compression: compression).next() == [1, 2, 3])
      try writer.close()
      #expect(throws: FormatError.self) {
        try writer.write([4])
        try writer.flush()
      }
    }
  }

  @Test func truncationAnywhereThrowsOrEndsAtARecord() throws {
    let whole = try Self.file([[1, 2, 3], [], [4, 5, 6, 7, 8]])
    let ends = [0, 19, 35, 56]
    #expect(whole.count == 56)
    for count in 0...whole.count {
      let reader = try TFRecordReader(MemorySource(Array(whole.prefix(count)), file: "memory"))
      let complete = ends.lastIndex { $0 <= count } ?? 0
      for _ in 0..<complete { #expect(try reader.next() != nil) }
      if ends.contains(count) {
        #expect(try reader.next() == nil)
      } else {
        #expect { try reader.next() } throws: { error in
          (error as? FormatError)?.kind == .dataLoss && (error as? FormatError)?.offset == ends[complete]
        }
        // The error stays.
        #expect(throws: FormatError.self) { try reader.next() }
      }
    }
  }

  /// A length with a right checksum that the file cannot hold is refused before anything of that size is allocated;
  /// the same in a compressed stream, whose size is not known beforehand.
  @Test(arguments: Hostile.numbers + [1 << 45, 1 << 50])
  func lyingLengthsAreRefused(_ length: UInt64) throws {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: length)
    bytes.append(littleEndian: Checksum.masked(Checksum.of(bytes)))
    bytes += [UInt8](repeating: 7, count: 48)
    let sources: [any ByteSource] = [
      MemorySource(bytes, file: "memory"), UnknownLength(bytes),
    ]
    for source in sources {
      let reader = try TFRecordReader(source)
      #expect { while try reader.next() != nil {} } throws: { error in
        (error as? FormatError)?.kind == .dataLoss
      }
    }
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let whole = try Self.file([[1, 2, 3], [9]])
    for position in whole.indices {
      for bit in 0..<8 {
        var damaged = whole
        damaged[position] ^= 1 << bit
        let reader = try TFRecordReader(MemorySource(damaged, file: "memory"))
        #expect(throws: FormatError.self) { while try reader.next() != nil {} }
      }
    }
  }

  @Test func errorsNameFileRecordAndOffset() throws {
    var whole = try Self.file([[1, 2, 3], [4, 5, 6]])
    whole[19 + 12] ^= 1
    let reader = try TFRecordReader(MemorySource(whole, file: "data/train-3.tfrecord"))
    _ = try reader.next()
    #expect { try reader.next() } throws: { error in
      "\(error)".hasPrefix("data/train-3.tfrecord: byte 19: record 1: checksum of the data: stored 0x")
    }
  }

  @Test func damagedDataAreSkipped() throws {
    var whole = try Self.file([[1], [2, 2], [3, 3, 3], [4, 4, 4, 4]])
    whole[17 + 12] ^= 0x80
    let reader = try TFRecordReader(MemorySource(whole, file: "memory"), damage: .skip)
    #expect(try Self.all(reader) == [[1], [3, 3, 3], [4, 4, 4, 4]])
    #expect(reader.skippedRecords == 1)
  }

  @Test func readingGoesOnAfterADamagedLength() throws {
    var whole = try Self.file([[1], [2, 2], [3, 3, 3], [4, 4, 4, 4]])
    whole[17] ^= 0x40
    let reader = try TFRecordReader(MemorySource(whole, file: "memory"), damage: .skip)
    #expect(try Self.all(reader) == [[1], [3, 3, 3], [4, 4, 4, 4]])
    #expect(reader.skippedRecords == 1)
    let cut = try TFRecordReader(MemorySource(Array(whole.dropLast(3)), file: "memory"), damage: .skip)
    #expect(try Self.all(cut) == [[1], [3, 3, 3]])
    #expect(cut.skippedRecords == 2)
  }

  @Test func missingFilesAndDirectoriesAreRefused() throws {
    #expect { try TFRecordReader(path: "/nonexistent/file") } throws: { ($0 as? FormatError)?.kind == .notFound }
    try withTemporaryDirectory { directory in
      #expect { _ = try TFRecordReader(path: directory) } throws: { ($0 as? FormatError)?.kind == .invalidArgument }
    }
  }

  private static let sizes = [0, 1, 2, 13, 4095, 4096, 4097, 70_000, 300_000]

  static func file(_ records: [[UInt8]]) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
      let writer = try TFRecordWriter(path: directory + "/a")
      for record in records { try writer.write(record) }
      try writer.close()
      return try bytes(ofFile: directory + "/a")
    }
  }

  static func all(_ reader: TFRecordReader) throws -> [[UInt8]] {
    var records: [[UInt8]] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }
}

/// Bytes of which nobody knows beforehand how many there are, in small pieces.
private final class UnknownLength: ByteSource {
  let file = "stream"
  var remaining: Int? { nil }
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = bytes.prefix(min(buffer.count, 5))
    part.withUnsafeBytes { buffer.copyMemory(from: $0) }
    bytes = bytes.dropFirst(part.count)
    return part.count
  }
}

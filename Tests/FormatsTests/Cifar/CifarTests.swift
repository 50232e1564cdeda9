import EspalierFormats
import Foundation
import TestSupport
import Testing

@Suite struct CifarTests {
  static func batch(_ name: String, count: Int) throws -> CifarBatch {
    let pixels = (0..<count * 3072).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ name.utf8.count) }
    return try CifarBatch(name: name, labels: (0..<count).map { UInt8($0 % 10) }, pixels: pixels)
  }

  @Test(arguments: ["a.tar.gz", "a.tar"]) func writtenArchivesAreReadBack(_ name: String) throws {
    try withTemporaryDirectory { directory in
      let batches = try CifarArchive.batchNames.enumerated().map { try Self.batch($1, count: 3 + 600 * $0) }
      let path = directory + "/data/" + name
      try CifarArchive.write(batches, to: path)
      let plain = directory + "/plain.tar"
      if !name.hasSuffix(".gz") { try Self.gunzip(path, to: plain) }
      let read = try CifarArchive.batches(path: name.hasSuffix(".gz") ? path : plain)
      for batch in batches { #expect(read[batch.name] == batch) }
      #expect(try LocalFileSystem().names(inDirectory: directory + "/data") == [name])
      let archive = try CifarArchive(path: name.hasSuffix(".gz") ? path : plain)
      #expect(try archive.next()?.name == "data_batch_1")
    }
  }

  @Test func unpackedDirectoriesAreRead() throws {
    try withTemporaryDirectory { directory in
      let batch = try Self.batch("test_batch", count: 2)
      try CifarArchive.write([batch], to: directory + "/a.tar.gz")
      try Self.gunzip(directory + "/a.tar.gz", to: directory + "/a.tar")
      let tar = TarReader(FileSource(try LocalFileSystem().openFile(directory + "/a.tar")))
      while let entry = try tar.next() {
        try write(try tar.contents(), toFile: directory + "/" + FilePath.name(of: entry.name))
      }
      let archive = try CifarArchive(path: directory)
      #expect(try archive.next() == batch)
      #expect(try archive.next() == nil)
      #expect { try CifarArchive.batches(path: directory) } throws: { ($0 as? FormatError)?.kind == .notFound }
    }
  }

  @Test func binaryFilesAreRead() throws {
    try withTemporaryDirectory { directory in
      let batch = try Self.batch("data_batch_3", count: 3)
      let bytes = (0..<3).flatMap { [batch.labels[$0]] + batch.image($0) }
      try write(bytes, toFile: directory + "/data_batch_3.bin")
      #expect(try CifarBatch(binaryFile: directory + "/data_batch_3.bin") == batch)
      try write(Array(bytes.dropLast()), toFile: directory + "/data_batch_3.bin")
      #expect(throws: FormatError.self) { try CifarBatch(binaryFile: directory + "/data_batch_3.bin") }
      try write([10] + [UInt8](repeating: 0, count: 3072), toFile: directory + "/data_batch_3.bin")
      #expect { try CifarBatch(binaryFile: directory + "/data_batch_3.bin") } throws: { error in
        "\(error)".hasSuffix("data_batch_3.bin: row 0: the label is 10, not 0 to 9")
      }
    }
  }

  @Test func otherPicklesAreRefused() {
    var wrongShape = PickleWriter()
    wrongShape.dictionary { dictionary in
      dictionary.string("labels")
      dictionary.list([1]) { $0.int($1) }
      dictionary.string("data")
      dictionary.matrix([1, 2], rows: 1, columns: 2)
    }
    var wrongLabel = PickleWriter()
    wrongLabel.dictionary { dictionary in
      dictionary.string("labels")
      dictionary.list([300]) { $0.int($1) }
      dictionary.string("data")
      dictionary.matrix([UInt8](repeating: 0, count: 3072), rows: 1, columns: 3072)
    }
    for bytes in [wrongShape.finished(), wrongLabel.finished(), PickleTests.small()] {
      #expect(throws: FormatError.self) { try CifarBatch(pickle: bytes, name: "test_batch", file: "test_batch") }
    }
  }

  /// Without zlib, an archive is written uncompressed and read again; a compressed one is refused with the name of the
  /// package that is missing.
  @Test func archivesDoWithoutZlib() async {
    await #expect(processExitsWith: .success) {
      setenv("ESPALIER_DISABLE_ZLIB", "1", 1)
      try withTemporaryDirectory { directory in
        let batch = try CifarTests.batch("test_batch", count: 40)
        try CifarArchive.write([batch], to: directory + "/a.tar.gz")
        let read = try CifarArchive(path: directory + "/a.tar.gz").next()
        precondition(read == batch)
        do {
          _ = try TFRecordReader(path: directory + "/a.tar.gz", compression: .gzip)
          preconditionFailure("zlib is not switched off")
        } catch let error as FormatError {
          precondition(error.kind == .unavailable)
        }
      }
    }
  }

  @Test func gzipWithoutZlibIsWhatZlibReads() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let memory = MemoryFile()
    let file = try StoredGzipFile(memory)
    for start in stride(from: 0, to: bytes.count, by: 999) {
      try file.write(Array(bytes[start..<min(start + 999, bytes.count)]))
    }
    try file.close()
    let zlib = try MemorySource(memory.bytes, file: "a.gz").decompressed(.gzip)
    #expect(try BufferedInput(zlib).read(.max) == bytes)
    let unavailable = FormatError(.unavailable, file: "a.gz", "no zlib")
    let own = { (stream: [UInt8]) in
      try BufferedInput(StoredGzipSource(MemorySource(stream, file: "a.gz"), unavailable: unavailable)).read(.max)
    }
    #expect(try own(memory.bytes) == bytes)
    for count in 0..<40 {
      #expect(throws: FormatError.self) { try own(Array(memory.bytes.dropLast(1 + count * 5000))) }
    }
    for position in [3, 11, 20, memory.bytes.count - 8] {
      var damaged = memory.bytes
      damaged[position] ^= 1
      #expect(throws: FormatError.self) { try own(damaged) }
    }
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 200_000]) func streamsWithoutZlibAreWhatZlibReads(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let source = try MemorySource(Deflate.stored(bytes), file: "stream").decompressed(.zlib)
    #expect(try BufferedInput(source).read(.max) == bytes)
  }

  private static func gunzip(_ path: String, to target: String) throws {
    let file = FileSource(try LocalFileSystem().openFile(path))
    try write(try BufferedInput(try file.decompressed(.gzip)).read(.max), toFile: target)
  }
}

/// The archive of the reference data, which has the layout of the official one.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenCifarTests {
  @Test func membersAreReadAndTheirLabelsWrittenAgain() throws {
    let expected = try JSON.shared("cifar10/cifar-10-python.json")
    let path = try SharedData.url("cifar10/cifar-10-python.tar.gz").path
    let batches = try CifarArchive.batches(path: path)
    for (name, batch) in batches {
      let rows = name == "test_batch" ? "rows_of_test_batch" : "rows_per_training_batch"
      try #expect(batch.count == expected[rows].int)
    }
    // The records of the reference TFRecord file are rows 100 to 107 of the test batch.
    let test = try #require(batches["test_batch"])
    for (index, record) in try GoldenTFRecordTests.records(of: "cifar10_8.tfrecord", compression: "NONE").enumerated() {
      let example = try Example(serialized: record)
      #expect(example.features["image"] == .bytes([Array(test.image(100 + index))]))
      #expect(example.features["label"] == .int64([Int64(test.labels[100 + index])]))
    }
  }

  /// The list of classes is written byte for byte as in the official archive.
  @Test func metadataIsTheOfficialOne() throws {
    let expected = try JSON.shared("cifar10/cifar-10-python.json")["members"]["batches.meta"]["sha256"].string
    try withTemporaryDirectory { directory in
      try CifarArchive.write([], to: directory + "/a.tar.gz")
      let file = FileSource(try LocalFileSystem().openFile(directory + "/a.tar.gz"))
      let tar = TarReader(try file.decompressed(.gzip))
      let first = try tar.next()
      let entry = try #require(first)
      #expect(entry.name == "cifar-10-batches-py/batches.meta")
      #expect(try SHA256(tar.contents()).hex == expected)
      #expect(try tar.next() == nil)
    }
  }
}

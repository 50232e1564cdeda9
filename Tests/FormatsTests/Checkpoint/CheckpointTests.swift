import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct CheckpointTests {
  static func tensors() throws -> [String: HostTensor] {
    var tensors: [String: HostTensor] = [
      "global_step": HostTensor(Int64(17)), "dense/kernel": try HostTensor([1.5, -2, .nan] as [Float], shape: [1, 3]),
      "empty": try HostTensor([] as [Double], shape: [3, 0]), "flags": HostTensor([true, false]),
      "half": HostTensor([Half(1.5), Half(-0.25)]),
      "text": try HostTensor(strings: [[], [0, 255], [65]], shape: [3, 1]),
      "größe": HostTensor([UInt8](0..<200)),
    ]
    for index in 0..<40 { tensors["block_\(index)/kernel"] = HostTensor([Int32(index), -1]) }
    return tensors
  }

  @Test func writtenTensorsAreReadBack() throws {
    try withTemporaryDirectory { directory in
      let prefix = directory + "/a/b/model.ckpt-17"
      let tensors = try Self.tensors()
      try CheckpointWriter().write(tensors, prefix: prefix)
      let reader = try CheckpointReader(prefix: prefix)
      try reader.verify()
      #expect(reader.variables.count == tensors.count)
      for (name, tensor) in tensors {
        #expect(reader.contains(name))
        #expect(reader.variable(named: name)?.dataType == tensor.dataType)
        #expect(reader.variable(named: name)?.shape == tensor.shape)
        #expect(try reader.tensor(named: name) == tensor)
      }
      #expect { try reader.tensor(named: "dense/bias") } throws: { ($0 as? FormatError)?.kind == .notFound }
      #expect(!reader.contains("dense/bias"))
      // Nothing but the checkpoint is left.
      #expect(try LocalFileSystem().names(inDirectory: directory + "/a/b").count == 2)
    }
  }

  @Test func tensorsAreSpreadOverShards() throws {
    let tensors = Dictionary(uniqueKeysWithValues: (0..<7).map { ("w\($0)", HostTensor([Float($0), 1])) })
    try withTemporaryDirectory { directory in
      try CheckpointWriter().write(tensors, prefix: directory + "/m", shardCount: 3)
      let names = try LocalFileSystem().names(inDirectory: directory)
      #expect(names == (0..<3).map { "m.data-0000\($0)-of-00003" } + ["m.index"])
      let reader = try CheckpointReader(prefix: directory + "/m")
      try reader.verify()
      for (name, tensor) in tensors {
        let found = try reader.tensor(named: name)
        #expect(found == tensor)
      }
    }
  }

  @Test func equalTensorsGiveEqualBytes() throws {
    try withTemporaryDirectory { directory in
      for name in ["a", "b"] { try CheckpointWriter().write(try Self.tensors(), prefix: directory + "/" + name) }
      for suffix in [".index", ".data-00000-of-00001"] {
        #expect(try bytes(ofFile: directory + "/a" + suffix) == bytes(ofFile: directory + "/b" + suffix))
      }
    }
  }

  @Test func namesThatCannotBeStoredAreRefused() throws {
    try withTemporaryDirectory { directory in
      for name in ["", "\0a"] {
        #expect { try CheckpointWriter().write([name: HostTensor(Float(1))], prefix: directory + "/a") } throws: {
          ($0 as? FormatError)?.kind == .invalidArgument
        }
      }
      let names = try LocalFileSystem().names(inDirectory: directory)
      #expect(names.isEmpty)
    }
  }

  /// Each bit of the data and of the index is covered by a checksum, but for the padding of the footer.
  @Test func everyFlippedBitIsNoticed() throws {
    let files = try Self.small()
    var unnoticed: [String] = []
    for name in files.keys.sorted() {
      let whole = try #require(files[name])
      for position in whole.indices {
        var damaged = files
        damaged[name]?[position] ^= 1 << UInt8(position % 8)
        let disk = SimulatedDisk(files: damaged)
        do {
          try CheckpointReader(prefix: "m", fileSystem: disk).verify()
          unnoticed.append("\(name) \(position - whole.count)")
        } catch {}
      }
    }
    let padding = (-48 + Self.handleBytes)..<(-8)
    #expect(unnoticed == padding.map { "m.index \($0)" })
  }

  @Test func truncationAnywhereThrows() throws {
    let files = try Self.small()
    for (name, whole) in files {
      for count in 0..<whole.count {
        var damaged = files
        damaged[name] = Array(whole.prefix(count))
        #expect(throws: FormatError.self) {
          try CheckpointReader(prefix: "m", fileSystem: SimulatedDisk(files: damaged)).verify()
        }
      }
    }
  }

  /// Each number of an index entry replaced by hostile ones, with all checksums right: an error, no trap and no
  /// allocation of what they claim.
  @Test(arguments: Hostile.numbers)
  func lyingEntriesThrow(_ value: UInt64) throws {
    let number = Int64(bitPattern: value)
    let entries: [(inout WireWriter) -> Void] = [
      { entry in
        entry.int64(1, 1)
        entry.message(2) { shape in for _ in 0..<3 { shape.message(2) { $0.int64(1, number) } } }
      },
      { entry in
        entry.int64(1, 7)
        entry.message(2) { $0.message(2) { $0.int64(1, number) } }
        entry.int64(5, number)
      },
      { $0.int64(1, number) },
      { entry in
        entry.int64(1, 1)
        entry.int64(3, number)
        entry.int64(5, 4)
      },
      { entry in
        entry.int64(1, 1)
        entry.int64(4, number)
        entry.int64(5, 4)
      },
      { entry in
        entry.int64(1, 1)
        entry.int64(5, number)
      },
      { entry in
        entry.int64(1, 1)
        entry.message(2) { $0.message(2) { $0.int64(1, 2) } }
        entry.message(7) { $0.message(1) { $0.int64(1, number) } }
        entry.message(7) { $0.message(1) { $0.int64(2, number) } }
      },
    ]
    for write in entries {
      var entry = WireWriter()
      write(&entry)
      let table = RawTable.bytes([([], [8, 1]), (Array("w".utf8), entry.bytes)])
      let disk = SimulatedDisk(files: ["m.index": table, "m.data-00000-of-00001": [0, 0, 0, 0]])
      #expect(throws: FormatError.self) {
        _ = try CheckpointReader(prefix: "m", fileSystem: disk).tensor(named: "w")
      }
    }
    var header = WireWriter()
    header.int64(1, number)
    let disk = SimulatedDisk(files: ["m.index": RawTable.bytes([([], header.bytes)])])
    _ = try? CheckpointReader(prefix: "m", fileSystem: disk)
  }

  /// Sizes inside a block, and its number of restarts, that do not fit.
  @Test(arguments: Hostile.numbers.filter { $0 > 128 })
  func lyingBlocksThrow(_ number: UInt64) {
    var varint: [UInt8] = []
    varint.append(varint: number)
    let blocks: [[UInt8]] = [
      varint + [0, 0] + RawTable.restarts, [0] + varint + [0] + RawTable.restarts, [0, 0] + varint + RawTable.restarts,
      [0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) },
    ]
    for block in blocks where block.suffix(4) != [0, 0, 0, 0] {
      let disk = SimulatedDisk(files: ["m.index": RawTable.bytes(block: block)])
      #expect(throws: FormatError.self) { try CheckpointReader(prefix: "m", fileSystem: disk) }
    }
    for handle in [varint + [8], [0] + varint] {
      let disk = SimulatedDisk(files: ["m.index": RawTable.bytes(block: [0, 0, 0] + RawTable.restarts, handle: handle)])
      #expect(throws: FormatError.self) { try CheckpointReader(prefix: "m", fileSystem: disk) }
    }
  }

  @Test func snappyBlocksAreRead() throws {
    var entry = WireWriter()
    entry.int64(1, 1)
    entry.int64(5, 4)
    entry.fixed32(6, Checksum.masked(Checksum.of([0, 0, 0x80, 0x3F])))
    let name = "abcabcabcabc"
    let block = RawTable.block([([], [8, 1]), (Array(name.utf8), entry.bytes)])
    let literal = { (bytes: ArraySlice<UInt8>) in [60 << 2, UInt8(bytes.count - 1)] + bytes }
    // The name, and the zeros at the end, as copies that overlap what they make, with offsets of one, two and four bytes.
    let start = try #require(block.firstIndex(of: UInt8(ascii: "a")))
    let size = UInt8(block.count)
    let streams = [
      RawTable.literal(block),
      [size] + literal(block[..<(start + 3)]) + [5 << 2 | 1, 3] + literal(block[(start + 12)...]),
      [size] + literal(block.dropLast(2)) + [1 << 2 | 2, 1, 0],
      [size] + literal(block.dropLast(3)) + [2 << 2 | 3, 5, 0, 0, 0],
    ]
    for stream in streams {
      let table = RawTable.bytes(block: stream, compression: 1)
      let disk = SimulatedDisk(files: ["m.index": table, "m.data-00000-of-00001": [0, 0, 0x80, 0x3F]])
      let reader = try CheckpointReader(prefix: "m", fileSystem: disk)
      #expect(try reader.tensor(named: name) == HostTensor(Float(1)))
    }
    // Cut anywhere, it is an error.
    let whole = RawTable.literal(block)
    for count in 0..<whole.count {
      let table = RawTable.bytes(block: Array(whole.prefix(count)), compression: 1)
      let disk = SimulatedDisk(files: ["m.index": table])
      #expect(throws: FormatError.self) { try CheckpointReader(prefix: "m", fileSystem: disk) }
    }
  }

  @Test func errorsNameTensorAndShard() throws {
    var files = try Self.small()
    files["m.data-00000-of-00001"]?[0] ^= 1
    let reader = try CheckpointReader(prefix: "m", fileSystem: SimulatedDisk(files: files))
    #expect { try reader.tensor(named: "a") } throws: { error in
      "\(error)".hasPrefix("m.data-00000-of-00001: byte 0: tensor a: checksum: stored 0x")
    }
    files["m.data-00000-of-00001"] = nil
    let missing = try CheckpointReader(prefix: "m", fileSystem: SimulatedDisk(files: files))
    #expect { try missing.tensor(named: "a") } throws: { error in
      "\(error)".hasPrefix("m.data-00000-of-00001: tensor a: ")
    }
  }

  /// The bytes of the two block handles in the footer of `small()`.
  private static let handleBytes = 4

  /// The files of a small checkpoint called `m`.
  private static func small() throws -> [String: [UInt8]] {
    let disk = SimulatedDisk()
    let tensors = [
      "a": HostTensor([1, 2] as [Float]), "b": HostTensor(Int64(3)),
      "s": try HostTensor(strings: [[1], []], shape: [2]),
    ]
    try CheckpointWriter(fileSystem: disk).write(tensors, prefix: "m")
    return disk.files
  }
}

/// Tables made by hand, with right checksums around wrong contents.
enum RawTable {
  static let restarts: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0]

  static func block(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (key, value) in entries {
      bytes.append(0)
      bytes.append(varint: UInt64(key.count))
      bytes.append(varint: UInt64(value.count))
      bytes += key + value
    }
    return bytes + restarts
  }

  static func bytes(_ entries: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    bytes(block: block(entries))
  }

  static func bytes(block: [UInt8], compression: UInt8 = 0, handle: [UInt8]? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    let data = append(block, compression, to: &bytes)
    let metaindex = append(restarts, 0, to: &bytes)
    let index = append(Self.block([(Array("z".utf8), handle ?? data)]), 0, to: &bytes)
    var footer = metaindex + index
    footer += [UInt8](repeating: 0, count: 40 - footer.count)
    footer.append(littleEndian: 0xDB47_7524_8B80_FB57 as UInt64)
    return bytes + footer
  }

  /// Returns a Snappy stream of one literal.
  static func literal(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    stream.append(varint: UInt64(bytes.count))
    return stream + [60 << 2, UInt8(bytes.count - 1)] + bytes
  }

  private static func append(_ block: [UInt8], _ compression: UInt8, to bytes: inout [UInt8]) -> [UInt8] {
    var handle: [UInt8] = []
    handle.append(varint: UInt64(bytes.count))
    handle.append(varint: UInt64(block.count))
    bytes += block + [compression]
    bytes.append(littleEndian: Checksum.masked(Checksum.of(block + [compression])))
    return handle
  }
}

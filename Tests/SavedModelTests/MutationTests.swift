import Espalier
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Files that somebody damaged or made up throw, and never trap or take more memory than 16 times their size and 16 MB.
@Suite struct MutationTests {
  @Test func truncationAtEveryByteIsHarmless() throws {
    for format in try Format.all() {
      for count in format.bytes.indices { format.attempt(Array(format.bytes[..<count])) }
    }
  }

  @Test func wholeFilesAreRead() throws {
    for format in try Format.all() {
      #expect(throws: Never.self, "\(format.name)") { try format.read(format.bytes) }
    }
  }

  #if os(Linux)
    /// Runs in a process of its own, which cannot get more memory than that.
    @Test func tenThousandMutationsOfEachFormatAreHarmless() async {
      await #expect(processExitsWith: .success) {
        for format in try Format.all() {
          var mutator = Mutator(seed: format.name)
          // What is allocated once, tables and libraries, does not count.
          format.attempt(format.bytes)
          try MemoryLimit.set(16 * format.bytes.count + 16 << 20)
          for _ in 0..<10_000 { format.attempt(mutator.mutated(format.bytes)) }
          MemoryLimit.remove()
        }
      }
    }
  #endif
}

#if os(Linux)
  /// How much more memory this process can get than it has.
  private enum MemoryLimit {
    struct Unreadable: Error {}

    /// Room for what the allocator keeps back.
    private static let slack = 8 << 20

    static func set(_ bytes: Int) throws {
      let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
      guard words.count > 5, let pages = Int(words[5]) else { throw Unreadable() }
      let limit = rlim_t(pages * Int(sysconf(Int32(_SC_PAGESIZE))) + bytes + slack)
      var limits = rlimit(rlim_cur: limit, rlim_max: rlim_t.max)
      guard setrlimit(__rlimit_resource_t(2), &limits) == 0 else { throw Unreadable() }
    }

    static func remove() {
      var limits = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
      setrlimit(__rlimit_resource_t(2), &limits)
    }
  }
#endif

/// Makes damaged files, the same in every run.
private struct Mutator {
  private var state: UInt64

  init(seed: String) {
    state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private mutating func next(below count: Int) -> Int {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(max(count, 1)))
  }

  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0...next(below: 4) where !result.isEmpty {
      let place = next(below: result.count)
      let length = min(1 + next(below: 8), result.count - place)
      switch next(below: 7) {
      case 0: result[place] ^= 1 << UInt8(next(below: 8))
      case 1: result[place] = UInt8(next(below: 256))
      case 2: result[place] = [0, 1, 0x7F, 0x80, 0xFF][next(below: 5)]
      case 3: result.replaceSubrange(place..<place + length, with: repeatElement(0xFF, count: length))
      case 4: result.removeSubrange(place..<place + length)
      case 5: result.insert(contentsOf: result[place..<place + length], at: next(below: result.count))
      default: result.removeLast(result.count - place)
      }
    }
    return result
  }
}

/// A kind of file, with an example of it.
private struct Format {
  let name: String
  let bytes: [UInt8]
  let read: ([UInt8]) throws -> Void

  /// Reads bytes that may be damaged: an error is as good as none.
  func attempt(_ bytes: [UInt8]) {
    _ = try? read(bytes)
  }

  static func all() throws -> [Format] {
    try records + messages + checkpoints + graphs + arrays + images
  }

  private static let example = Example(features: [
    "image": .bytes([[1, 2, 3]]), "label": .int64([7, -1]), "x": .float([0.5, .infinity]),
  ])

  private static var records: [Format] {
    get throws {
      func file(_ compression: RecordCompression) throws -> [UInt8] {
        let memory = MemoryFile()
        let output = try memory.compressed(compression)
        let writer = TFRecordWriter(output)
        for _ in 0..<3 { try writer.write(example.serialized()) }
        try writer.close()
        return memory.bytes
      }
      func format(_ name: String, _ compression: RecordCompression) throws -> Format {
        Format(name: name, bytes: try file(compression)) { bytes in
          let reader = try TFRecordReader(MemorySource(bytes, file: name), compression: compression)
          while let record = try reader.next() { _ = try Example(serialized: record) }
        }
      }
      return [try format("records", .none), try format("gzip records", .gzip), try format("zlib records", .zlib)]
    }
  }

  private static var messages: [Format] {
    get throws {
      let sequence = SequenceExample(
        context: ["a": .int64([1])], featureLists: ["b": [.float([1, 2]), .bytes([[65]])]])
      let values: [Summary.Value] = [
        .scalar("loss", 0.5), .text("note", "# heading"),
        try .histogram("weights", HostTensor([1, 2, 3] as [Float])),
      ]
      let event = Event(wallTime: 1.5, step: 7, content: .summary(Summary(values)))
      return [
        Format(name: "example", bytes: example.serialized()) { bytes in
          _ = try parseExamples([bytes], ["x": .fixedLength(shape: [2], .float32), "label": .variableLength(.int64)])
        },
        Format(name: "sequence example", bytes: sequence.serialized()) { _ = try SequenceExample(serialized: $0) },
        Format(name: "event", bytes: event.serialized()) { _ = try Event(serialized: $0) },
      ]
    }
  }

  private static var checkpoints: [Format] {
    get throws {
      var files: [String: [UInt8]] = [:]
      try withTemporaryDirectory { directory in
        let tensors = [
          "a": HostTensor([1, 2, 3] as [Float]), "b/c": HostTensor("text"), "b/d": HostTensor(Int64(7)),
        ]
        try CheckpointWriter().write(tensors, prefix: directory + "/m")
        for name in ["m.index", "m.data-00000-of-00001"] {
          files[name] = try TestSupport.bytes(ofFile: directory + "/" + name)
        }
      }
      let whole = files
      func format(_ name: String) -> Format {
        Format(name: name, bytes: whole[name] ?? []) { bytes in
          try CheckpointReader(prefix: "m", fileSystem: MemoryDisk(files: whole.merging([name: bytes]) { $1 })).verify()
        }
      }
      let state = Array("model_checkpoint_path: \"m-7\"\nall_model_checkpoint_paths: \"m-\\303\\2447\"\n".utf8)
      return whole.keys.sorted().map(format)
        + [Format(name: "checkpoint state", bytes: state) { _ = try CheckpointState(text: $0) }]
    }
  }

  private static var graphs: [Format] {
    get throws {
      let graph = Graph()
      withGraph(graph) {
        let x = placeholder(shape: [nil, 4, 4, 2], name: "x")
        let y = maxPool2D(x, size: (2, 2), strides: (2, 2))
        _ = reduceSum(reshape(y, to: [-1, 8]) * constant([1, 2] as [Float], shape: [2, 1])[0], axes: [1])
      }
      let bytes = try graph.graphDef()
      let text = try ProtoSchema.graph.text(bytes, message: "GraphDef", file: "graph")
      var metaGraph = MetaGraphDef()
      metaGraph.tags = ["serve"]
      metaGraph.graph = try GraphDef(serialized: bytes, file: "graph")
      metaGraph.collections = ["losses": .init(nodes: ["x:0"])]
      let info = TensorInfo(name: "x:0", typeNumber: 1, shape: [nil, 4])
      metaGraph.signatures = ["a": SignatureDef(inputs: ["x": info], outputs: [:], methodName: "b")]
      let model = SavedModelDef(metaGraphs: [metaGraph]).serialized
      return [
        Format(name: "graph", bytes: bytes) { try Graph().importGraphDef($0, prefix: "") },
        Format(name: "text graph", bytes: Array(text.utf8)) { bytes in
          _ = try ProtoSchema.graph.binary(bytes, message: "GraphDef", file: "graph")
        },
        Format(name: "saved model", bytes: model) { _ = try SavedModelDef(serialized: $0, file: "model") },
      ]
    }
  }

  private static var arrays: [Format] {
    get throws {
      let array = try NumpyFile.serialized(HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2]))
      let memory = MemoryFile()
      let tar = TarWriter(memory, time: 0)
      try tar.write("a/b.txt", [1, 2, 3])
      try tar.close()
      return [
        Format(name: "array", bytes: array) { _ = try NumpyFile.parse($0) },
        Format(name: "tar", bytes: memory.bytes) { bytes in
          let reader = TarReader(MemorySource(bytes, file: "tar"))
          while try reader.next() != nil { _ = try reader.contents(limit: 1 << 20) }
        },
      ]
    }
  }

  /// Images that need no library; libraries have tests of their own.
  private static var images: [Format] {
    get throws {
      var bitmap: [UInt8] = [0x42, 0x4D, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]
      bitmap += [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24) + [1, 2, 3, 0, 4, 5, 6, 0]
      return [
        Format(name: "bitmap", bytes: bitmap) { _ = try decodeImage($0) },
        Format(name: "pixmap", bytes: Array("P6\n2 1\n255\n123456".utf8)) { _ = try decodeImage($0) },
      ]
    }
  }
}

/// Files in memory that can only be read.
private struct MemoryDisk: FileSystem {
  let files: [String: [UInt8]]

  private final class File: ReadableFile {
    let path: String
    private let bytes: [UInt8]

    init(_ path: String, _ bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }

    var size: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
      let part = bytes.dropFirst(offset).prefix(buffer.count)
      buffer.copyBytes(from: part)
      return part.count
    }
  }

  func openFile(_ path: String) throws(FormatError) -> any ReadableFile {
    guard let bytes = files[path] else { throw FormatError(.notFound, file: path, "there is no such file") }
    return File(path, bytes)
  }

  func createFile(_ path: String, exclusively: Bool) throws(FormatError) -> any WritableFile { throw refusal(path) }
  func rename(_ path: String, to newPath: String) throws(FormatError) { throw refusal(path) }
  func remove(_ path: String) throws(FormatError) { throw refusal(path) }
  func synchronizeDirectory(_ path: String) throws(FormatError) { throw refusal(path) }
  func createDirectory(_ path: String) throws(FormatError) { throw refusal(path) }
  func names(inDirectory path: String) throws(FormatError) -> [String] { throw refusal(path) }
  func exists(_ path: String) -> Bool { files[path] != nil }

  private func refusal(_ path: String) -> FormatError {
    FormatError(.system, file: path, "the files can only be read")
  }
}

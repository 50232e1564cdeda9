import Espalier
import Foundation
import TestSupport

/// A kind of file, with an example of it.
struct Format {
  let name: String
  let bytes: [UInt8]
  let read: ([UInt8]) throws -> Void

  /// Reads bytes that may be damaged: an error is as good as none.
  func attempt(_ bytes: [UInt8]) {
    _ = try? read(bytes)
  }

  static func all() throws -> [Format] {
    try records + messages + checkpoints + graphs + arrays + archives + texts + images
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
        Format(name: "event file", bytes: try file(of: [event, event])) { bytes in
          let reader = try TFRecordReader(MemorySource(bytes, file: "events"))
          while let record = try reader.next() { _ = try Event(serialized: record) }
        },
      ]
    }
  }

  private static func file(of events: [Event]) throws -> [UInt8] {
    let memory = MemoryFile()
    let writer = TFRecordWriter(memory)
    for event in events { try writer.write(event.serialized()) }
    try writer.close()
    return memory.bytes
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
      let modelText = try ProtoSchema.graph.text(model, message: "SavedModel", file: "model")
      let loop = Graph()
      withGraph(loop) {
        _ = mapElements(placeholder(.string, shape: [nil], name: "files")) { cast(decodeJpeg($0), to: .float32) * 2 }
      }
      return [
        Format(name: "graph", bytes: bytes) { try Graph().importGraphDef($0, prefix: "") },
        Format(name: "text graph", bytes: Array(text.utf8)) { bytes in
          _ = try ProtoSchema.graph.binary(bytes, message: "GraphDef", file: "graph")
        },
        Format(name: "saved model", bytes: model) { _ = try SavedModelDef(serialized: $0, file: "model") },
        Format(name: "text model", bytes: Array(modelText.utf8)) { bytes in
          let binary = try ProtoSchema.graph.binary(bytes, message: "SavedModel", file: "model")
          _ = try SavedModelDef(serialized: binary, file: "model")
        },
        Format(name: "graph with a loop", bytes: try loop.graphDef()) { try Graph().importGraphDef($0, prefix: "") },
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

  private static var archives: [Format] {
    get throws {
      var pickle = PickleWriter()
      pickle.dictionary { dictionary in
        dictionary.string("labels")
        dictionary.list([6, 300, 70_000, -1]) { $0.int($1) }
        dictionary.string("data")
        dictionary.matrix([1, 2, 3, 4, 5, 6], rows: 2, columns: 3)
      }
      func compressed(_ compression: RecordCompression) throws -> [UInt8] {
        let memory = MemoryFile()
        let file = try memory.compressed(compression)
        try file.write((0..<2000).map { UInt8($0 / 100) })
        try file.close()
        return memory.bytes
      }
      func format(_ name: String, _ compression: RecordCompression) throws -> Format {
        Format(name: name, bytes: try compressed(compression)) { bytes in
          let source = try MemorySource(bytes, file: name).decompressed(compression)
          var buffer = [UInt8](repeating: 0, count: 512)
          while try buffer.withUnsafeMutableBytes({ try source.read(into: $0) }) > 0 {}
        }
      }
      return [
        Format(name: "pickle", bytes: pickle.finished()) { _ = try PickleReader.read($0, file: "pickle") },
        try format("gzip", .gzip), try format("zlib", .zlib),
      ]
    }
  }

  private static var texts: [Format] {
    let json = "{\"cluster\": {\"chief\": [\"a:1\"]}, \"x\": [1.5e3, -2, true, null, \"\\u00e9\\ud83c\\udf33\"]}"
    return [
      Format(name: "JSON", bytes: Array(json.utf8)) { bytes in
        _ = try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
      }
    ]
  }

  /// Three frames of 4 x 3 pixels.
  static let animation = [UInt8](
    Data(
      base64Encoded: """
        R0lGODlhBAADAIEAAAAAAP8AAAD/AAoUHiwAAAAABAADAAACBUQ0hjoFACH5BAkFAAIALAEAAQACAAIAAAIDjBYFACH5BAEFAAAALAAAAAAEAAMAAAIE
        hI8wBQA7
        """, options: .ignoreUnknownCharacters) ?? Data())

  /// Images that need no library.
  private static var images: [Format] {
    get throws {
      var bitmap: [UInt8] = [0x42, 0x4D, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]
      bitmap += [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24) + [1, 2, 3, 0, 4, 5, 6, 0]
      return [
        Format(name: "bitmap", bytes: bitmap) { _ = try decodeImage($0) },
        Format(name: "animation", bytes: animation) { _ = try decodeImage($0) },
        Format(name: "pixmap", bytes: Array("P6\n2 1\n255\n123456".utf8)) { _ = try decodeImage($0) },
      ]
    }
  }
}

extension Format {
  /// Whether the libraries are installed that read PNG and JPEG.
  static var hasLibraries: Bool {
    guard let formats = try? readByLibraries() else { return false }
    return !formats.contains { format in
      do { try format.read(format.bytes) } catch let error as FormatError { return error.kind == .unavailable } catch {}
      return false
    }
  }

  /// Images that libraries read.
  static func readByLibraries() throws -> [Format] {
    let pixels = try HostTensor((0..<8 * 9 * 3).map { UInt8($0) }, shape: [8, 9, 3])
    let jpegs = [("JPEG", baseline), ("progressive JPEG", progressive)].map { name, text in
      (name, [UInt8](Data(base64Encoded: text) ?? Data()))
    }
    let deep = try HostTensor((0..<8 * 9 * 3).map { UInt16($0 * 257) }, shape: [8, 9, 3])
    let wide = Format(name: "PNG of 16 bits", bytes: try encodePNG(deep)) { bytes in
      _ = try decodeImage(withRightChecksums(bytes), dataType: .uint16)
    }
    return [wide]
      + ([("PNG", try encodePNG(pixels))] + jpegs).map { name, bytes in
        Format(name: name, bytes: bytes) { _ = try decodeImage($0) }
      }
  }

  /// Returns a PNG file whose checksums hide what was changed.
  private static func withRightChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= bytes.count else { break }
      let sum = ~bytes[(start + 4)..<end].reduce(~UInt32(0)) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
      }
      for place in 0..<4 { result[end + place] = UInt8(sum >> (24 - 8 * UInt32(place)) & 0xFF) }
      start = end + 4
    }
    return result
  }

  /// 16 x 8 pixels in colours, made by `tf.io.encode_jpeg`.
  private static let baseline = """
    /9j/4AAQSkZJRgABAQEBLAEsAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6
    /+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAIABAD
    ASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKB
    kaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZ
    mqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQF
    BgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5
    OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX
    2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwBFAU4jCgg9I03HH1PBofGTv25Vs4kbcef9kdKKKEB//9k=
    """.filter { !$0.isWhitespace }

  private static let progressive = """
    /9j/4AAQSkZJRgABAQEBLAEsAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6
    /+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wgARCAAIABAD
    ASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIQAxAAAAGA/8QAFBABAAAAAAAAAAAA
    AAAAAAAAEP/aAAgBAQABBQI//8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAwEBPwF//8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPwF/
    /8QAFxABAAMAAAAAAAAAAAAAAAAAACGh0f/aAAgBAQAGPwKKa//EABsQAAEEAwAAAAAAAAAAAAAAAAEAESFBYYGh/9oACAEBAAE/IRFNHRy0Gz8X
    /9oADAMBAAIAAwAAABDz/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAwEBPxB//8QAFREBAQAAAAAAAAAAAAAAAAAAAAH/2gAIAQIBAT8Qj//E
    ABoQAQEAAwEBAAAAAAAAAAAAAAERACExYXH/2gAIAQEAAT8QAoAjyqfXTk17UlG/HM//2Q==
    """.filter { !$0.isWhitespace }
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

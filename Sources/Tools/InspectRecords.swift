import EspalierCommandLine
import EspalierFormats

extension Subcommand {
  private struct Options: Sendable {
    var records = 3
    var compression = "auto"
  }

  /// Counts the records of a TFRecord file and shows the first ones.
  static let inspectRecords = Subcommand(
    "inspect-records", "Counts records of a TFRecord file, shows the first.", words: ["file"],
    defaults: Options(),
    flags: [
      Flag("records", \.records, atLeast: 0, "How many records are shown."),
      Flag(
        "compression", \.compression, choices: ["auto", "none", "gzip", "zlib"],
        "How the file is compressed; auto looks at its first bytes."),
    ]
  ) { words, options, print in
    let compression = try compression(options.compression, words[0])
    let reader = try TFRecordReader(path: words[0], compression: compression)
    var bytes = 0
    while let record = try reader.next() {
      bytes += record.count
      if reader.recordCount > options.records { continue }
      print("record \(reader.recordCount - 1): \(size(record.count))")
      for line in columns(features(record)) { print("  " + line) }
    }
    print("\(words[0]): \(grouped(reader.recordCount)) records, \(size(bytes)), all checksums right")
  }

  private static func compression(_ word: String, _ path: String) throws -> RecordCompression {
    switch word {
    case "none": return .none
    case "gzip": return .gzip
    case "zlib": return .zlib
    default:
      let file = try LocalFileSystem().openFile(path)
      let start = try file.bytes(at: 0, count: min(file.size, 2), of: "the file")
      // A length as low as these bytes say, followed by its checksum, is never mistaken: lengths end in zeros.
      if start == [0x1F, 0x8B] { return .gzip }
      return start.first == 0x78 && [0x01, 0x5E, 0x9C, 0xDA].contains(start.last) ? .zlib : .none
    }
  }

  /// Returns the features of a record that is an example; of others the first bytes.
  private static func features(_ record: [UInt8]) -> [[String]] {
    guard let example = try? Example(serialized: record), !example.features.isEmpty else {
      return [["bytes", record.prefix(16).map { String($0, radix: 16) }.joined(separator: " ")]]
    }
    return example.features.sorted { $0.key < $1.key }.map { [$0.key] + words($0.value) }
  }

  private static func words(_ feature: Feature) -> [String] {
    func shown(_ values: [String]) -> String {
      values.prefix(4).joined(separator: ", ") + (values.count > 4 ? ", …" : "")
    }
    switch feature {
    case .bytes(let values):
      return [
        "bytes[\(values.count)]", shown(values.prefix(5).map { $0.count > 24 ? size($0.count) : TextProto.quoted($0) }),
      ]
    case .float(let values): return ["float[\(values.count)]", shown(values.prefix(5).map { "\($0)" })]
    case .int64(let values): return ["int64[\(values.count)]", shown(values.prefix(5).map { "\($0)" })]
    case .unset: return ["(no kind)"]
    }
  }
}

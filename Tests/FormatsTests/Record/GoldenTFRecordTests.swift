import EspalierFormats
import TestSupport
import Testing

/// Files that TensorFlow wrote.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenTFRecordTests {
  static let folder = "golden/tfrecord/"

  @Test func filesHaveTheirRecords() throws {
    for (name, entry) in try JSON.shared(Self.folder + "index.json")["files"].object {
      let records = try Self.records(of: name, compression: entry["compression"].string)
      #expect(try records.count == entry["records"].int, "\(name)")
    }
  }

  @Test(arguments: ["raw.tfrecord", "raw.tfrecord.gz", "raw_two_members.tfrecord.gz"])
  func rawRecordsHaveTheirBytes(_ name: String) throws {
    let records = try Self.records(of: name, compression: name.hasSuffix(".gz") ? "GZIP" : "NONE")
    let expected = try JSON.shared(Self.folder + "raw.json")["records"].array
    for (record, entry) in zip(records, expected) {
      #expect(try record.count == entry["length"].int)
      let bytes = try entry["hex"].isNull ? Self.pattern(entry) : entry["hex"].hex
      #expect(record == bytes)
    }
  }

  /// What is written here is byte for byte what TensorFlow wrote.
  @Test(arguments: ["raw.tfrecord", "examples.tfrecord", "empty.tfrecord", "cifar10_8.tfrecord"])
  func writtenFilesAreTensorFlows(_ name: String) throws {
    let records = try Self.records(of: name, compression: "NONE")
    #expect(try TFRecordTests.file(records) == SharedData.bytes(Self.folder + name))
  }

  @Test func damagedFilesGiveTheirErrors() throws {
    let expected = try JSON.shared(Self.folder + "corrupt/expected.json")
    let good = try expected["good_records_hex"].array.map { try $0.hex }
    for (name, entry) in try expected["files"].object {
      let path = try SharedData.url(Self.folder + "corrupt/" + name).path
      let compression: RecordCompression = name.hasSuffix(".gz") ? .gzip : .none
      let reader = try TFRecordReader(path: path, compression: compression)
      var records: [[UInt8]] = []
      var kind: FormatError.Kind?
      do throws(FormatError) {
        while let record = try reader.next() { records.append(record) }
      } catch {
        kind = error.kind
      }
      #expect(try records == Array(good.prefix(entry["good_records_before_error"].int)), "\(name)")
      let acceptable = try entry["acceptable"].array.map { $0.isNull ? nil : try $0.string }
      #expect(acceptable.contains(kind == nil ? nil : kind == .dataLoss ? "DataLossError" : "other"), "\(name)")
    }
  }

  static func records(of name: String, compression: String) throws -> [[UInt8]] {
    let path = try SharedData.url(folder + name).path
    let compression = RecordCompression(rawValue: compression == "NONE" ? "" : compression)
    return try TFRecordTests.all(TFRecordReader(path: path, compression: try #require(compression)))
  }

  private static func pattern(_ entry: JSON) throws -> [UInt8] {
    let start = try entry["pattern_k"].int
    return try (0..<entry["length"].int).map { UInt8(truncatingIfNeeded: 7 * $0 + start) }
  }
}

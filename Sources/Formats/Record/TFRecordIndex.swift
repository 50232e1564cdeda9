/// Reads the records of a TFRecord file in any order.
///
///     let records = try TFRecordIndex(path: "train.tfrecords")
///     let last = try records.record(at: records.count - 1)
///
/// Only the headers are read when the file is opened; the data of a record, when it is asked for. Several threads may
/// read at once. Compressed files have no such order.
public struct TFRecordIndex: Sendable {
  private let file: any ReadableFile
  /// Where the data of each record begin.
  private let offsets: [Int]
  private let lengths: [Int]

  /// Opens a file that is not compressed.
  ///
  /// - Throws: `FormatError` if it cannot be opened, the length of a record is damaged, or the file ends within one.
  public init(path: String) throws(FormatError) {
    try self.init(LocalFileSystem().openFile(path))
  }

  package init(_ file: any ReadableFile) throws(FormatError) {
    self.file = file
    let input = BufferedInput(FileSource(file))
    var offsets: [Int] = []
    var lengths: [Int] = []
    while true {
      let start = input.offset
      let header = try input.peek(RecordFormat.headerSize)
      if header.isEmpty { break }
      let error = { (message: String) in
        FormatError(.dataLoss, file: file.path, offset: start, "record \(offsets.count): \(message)")
      }
      guard let claim = RecordFormat.length(ofHeader: header) else { throw error("checksum of the length is wrong") }
      let left = file.size - start - RecordFormat.headerSize - RecordFormat.footerSize
      guard left >= 0, claim <= UInt64(left) else {
        throw error("the length is \(claim) bytes, but \(max(left, 0)) are left")
      }
      offsets.append(start + RecordFormat.headerSize)
      lengths.append(Int(claim))
      _ = try input.skip(RecordFormat.headerSize + Int(claim) + RecordFormat.footerSize)
    }
    self.offsets = offsets
    self.lengths = lengths
  }

  /// The number of records.
  public var count: Int { offsets.count }
  /// The file's path.
  public var path: String { file.path }

  /// Returns the data of one record, verified.
  ///
  /// - Throws: `FormatError` of kind `invalidArgument` if there is no such record, of kind `dataLoss` if it is damaged.
  public func record(at index: Int) throws(FormatError) -> [UInt8] {
    guard offsets.indices.contains(index) else {
      throw FormatError(.invalidArgument, file: file.path, "there is no record \(index) among \(count)")
    }
    var bytes = try file.bytes(
      at: offsets[index], count: lengths[index] + RecordFormat.footerSize, of: "record \(index)")
    let stored: UInt32 = RecordFormat.integer(bytes.suffix(RecordFormat.footerSize))
    bytes.removeLast(RecordFormat.footerSize)
    let computed = Checksum.masked(Checksum.of(bytes))
    guard stored == computed else {
      throw FormatError(
        .dataLoss, file: file.path, offset: offsets[index] - RecordFormat.headerSize,
        "record \(index): checksum of the data: stored \(Checksum.hex(stored)), computed \(Checksum.hex(computed))")
    }
    return bytes
  }
}

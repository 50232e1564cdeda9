/// Reads the records of a TFRecord file one after the other.
///
///     let reader = try TFRecordReader(path: "train.tfrecords")
///     while let record = try reader.next() { … }
///
/// Both checksums of every record are verified. Not for use by several threads at once.
///
/// Source: `tf.data.TFRecordDataset`, `tf.compat.v1.io.tf_record_iterator`.
public final class TFRecordReader {
  /// What happens at a damaged record.
  public enum DamagePolicy: Hashable, Sendable {
    /// `next()` throws.
    case fail
    /// The record is passed over and counted in `skippedRecords`. Where even its length is damaged, reading goes on at
    /// the next place that looks like a record.
    case skip
  }

  /// The number of records read so far.
  public private(set) var recordCount = 0
  /// The damaged places passed over so far.
  public private(set) var skippedRecords = 0

  /// Whether the file ends within a record.
  package private(set) var isTruncated = false

  private let input: BufferedInput
  private let damage: DamagePolicy
  private var failure: FormatError?

  /// Opens a file of records.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - compression: How the file is compressed; it is not guessed. Default: not compressed.
  ///   - damage: What happens at a damaged record. Default: an error.
  ///   - bufferSize: The bytes read at a time. Default: 256 KiB.
  /// - Throws: `FormatError` if the file cannot be opened, or zlib is needed and not installed.
  public convenience init(
    path: String, compression: RecordCompression = .none, damage: DamagePolicy = .fail, bufferSize: Int = 1 << 18
  ) throws(FormatError) {
    let file = FileSource(try LocalFileSystem().openFile(path))
    try self.init(file, compression: compression, damage: damage, bufferSize: bufferSize)
  }

  package init(
    _ source: any ByteSource, compression: RecordCompression = .none, damage: DamagePolicy = .fail,
    bufferSize: Int = 1 << 18
  ) throws(FormatError) {
    input = BufferedInput(try source.decompressed(compression), bufferSize: bufferSize)
    self.damage = damage
  }

  /// The offset of the next record in the file, after decompression, in bytes.
  public var offset: Int { input.offset }
  /// The file's path.
  public var file: String { input.file }

  /// Returns the data of the next record, or nil at the end of the file.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` at a damaged record, and again at every later call.
  public func next() throws(FormatError) -> [UInt8]? {
    if let failure { throw failure }
    do {
      while true {
        switch try readRecord() {
        case .record(let data):
          recordCount += 1
          return data
        case .skipped: skippedRecords += 1
        case .end: return nil
        }
      }
    } catch {
      failure = error
      throw error
    }
  }

  private enum Step {
    case record([UInt8])
    case skipped
    case end
  }

  private func readRecord() throws(FormatError) -> Step {
    let start = input.offset
    let header = try input.peek(RecordFormat.headerSize)
    if header.isEmpty { return .end }
    guard let claim = RecordFormat.length(ofHeader: header) else {
      return try headerDamage(header, at: start)
    }
    if let remaining = input.remaining, !Self.fits(claim, in: remaining - RecordFormat.headerSize) {
      let left = remaining - RecordFormat.headerSize
      isTruncated = true
      return try skipHeader(error(start, "the length is \(claim) bytes, but \(left) are left"))
    }
    guard let length = Int(exactly: claim) else {
      return try skipHeader(error(start, "the length is \(claim) bytes"))
    }
    input.advance(RecordFormat.headerSize)
    return try readData(length, from: start)
  }

  private func readData(_ length: Int, from start: Int) throws(FormatError) -> Step {
    let data = try input.read(length)
    let footer = try input.read(RecordFormat.footerSize)
    guard data.count == length, footer.count == RecordFormat.footerSize else {
      isTruncated = true
      return try damaged(error(start, "the file ends after \(data.count) of \(length) bytes of data"))
    }
    let stored: UInt32 = RecordFormat.integer(footer[...])
    let computed = Checksum.masked(Checksum.of(data))
    guard stored == computed else {
      let message = "checksum of the data: stored \(Checksum.hex(stored)), computed \(Checksum.hex(computed))"
      return try damaged(error(start, message))
    }
    return .record(data)
  }

  private func headerDamage(_ header: ArraySlice<UInt8>, at start: Int) throws(FormatError) -> Step {
    if header.count < RecordFormat.headerSize {
      let count = header.count
      input.advance(count)
      isTruncated = true
      return try damaged(error(start, "the file ends after \(count) of the 12 bytes of a record's header"))
    }
    let hint = start == 0 ? "; is this a TFRecord file, and its compression right?" : ""
    return try skipHeader(error(start, "checksum of the length is wrong" + hint))
  }

  /// Passes bytes until something looks like the header of a record.
  private func skipHeader(_ error: FormatError) throws(FormatError) -> Step {
    _ = try damaged(error)
    input.advance(1)
    while true {
      let header = try input.peek(RecordFormat.headerSize)
      if header.count < RecordFormat.headerSize {
        input.advance(header.count)
        return .skipped
      }
      if RecordFormat.length(ofHeader: header) != nil { return .skipped }
      input.advance(1)
    }
  }

  private func damaged(_ error: FormatError) throws(FormatError) -> Step {
    guard damage == .skip else { throw error }
    return .skipped
  }

  private func error(_ offset: Int, _ message: String) -> FormatError {
    FormatError(.dataLoss, file: input.file, offset: offset, "record \(recordCount): \(message)")
  }

  private static func fits(_ length: UInt64, in remaining: Int) -> Bool {
    remaining >= RecordFormat.footerSize && length <= UInt64(remaining - RecordFormat.footerSize)
  }
}

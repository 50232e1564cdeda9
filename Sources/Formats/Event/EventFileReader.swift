/// Reads the events of an event file in order.
///
///     let events = try EventFileReader(path: "run/events.out.tfevents.1700000000.host")
///     while let event = try events.next() { … }
///
/// A last event that is cut short, as a crash leaves it, ends the file without an error; `truncation` then says where.
///
/// Source: `tf.compat.v1.train.summary_iterator`.
public final class EventFileReader {
  private let records: TFRecordReader
  /// What is wrong with the last event if it is cut short; nil until it is reached.
  public private(set) var truncation: FormatError?

  /// Opens an event file.
  ///
  /// - Throws: `FormatError` if it cannot be opened.
  public init(path: String) throws(FormatError) {
    records = try TFRecordReader(path: path)
  }

  package init(_ source: any ByteSource) throws(FormatError) {
    records = try TFRecordReader(source)
  }

  /// Returns the next event, or nil at the end of the file.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` at a damaged event.
  public func next() throws(FormatError) -> Event? {
    if truncation != nil { return nil }
    let start = records.offset
    let record: [UInt8]
    do {
      guard let next = try records.next() else { return nil }
      record = next
    } catch {
      guard records.isTruncated else { throw error }
      truncation = error
      return nil
    }
    do { return try Event(serialized: record, file: records.file) } catch {
      // The offset within the record becomes one within the file.
      let offset = start + RecordFormat.headerSize + (error.offset ?? 0)
      throw FormatError(error.kind, file: error.file, offset: offset, error.message)
    }
  }
}

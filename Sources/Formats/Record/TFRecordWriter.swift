/// Writes records into a TFRecord file.
///
///     let writer = try TFRecordWriter(path: "train.tfrecords")
///     try writer.write(example.serialized())
///     try writer.close()
///
/// Not for use by several threads at once.
///
/// Source: `tf.io.TFRecordWriter`.
public final class TFRecordWriter {
  private let output: any WritableFile
  /// The number of records written so far.
  public private(set) var recordCount = 0

  /// Makes a file, or empties the one that is there.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - compression: How the file is compressed. Default: not compressed.
  /// - Throws: `FormatError` if the file cannot be made, or zlib is needed and not installed.
  public convenience init(path: String, compression: RecordCompression = .none) throws(FormatError) {
    let file = try LocalFileSystem().createFile(path, exclusively: false)
    self.init(try file.compressed(compression))
  }

  package init(_ output: any WritableFile) {
    self.output = output
  }

  /// Appends a record.
  ///
  /// - Throws: `FormatError` if it cannot be written.
  public func write(_ record: [UInt8]) throws(FormatError) {
    let (header, footer) = record.withUnsafeBytes { RecordFormat.frame($0) }
    try output.write(header)
    try output.write(record)
    try output.write(footer)
    recordCount += 1
  }

  /// Hands all records to the system, so that a reader sees them.
  ///
  /// - Throws: `FormatError` if they cannot be written.
  public func flush() throws(FormatError) {
    try output.flush()
  }

  /// Waits until all records are on the disk.
  package func synchronize() throws(FormatError) {
    try output.synchronize()
  }

  /// Writes what is left and closes the file.
  ///
  /// - Throws: `FormatError` if that fails; the file may then be cut short.
  public func close() throws(FormatError) {
    try output.close()
  }
}

extension TFRecordWriter {
  /// Writes a file of what `body` writes; it is there when `body` has returned, and not if it throws: then, and after a
  /// crash, an old file stays as it was.
  ///
  /// - Throws: What `body` throws; `FormatError` if the file cannot be written.
  public static func writeFile(
    _ path: String, compression: RecordCompression = .none, _ body: (TFRecordWriter) throws -> Void
  ) throws {
    let fileSystem = LocalFileSystem()
    let temporary = TemporaryName.of(path)
    do {
      let writer = try TFRecordWriter(path: temporary, compression: compression)
      try body(writer)
      try writer.close()
      try fileSystem.rename(temporary, to: path)
    } catch {
      try? fileSystem.remove(temporary)
      throw error
    }
  }
}

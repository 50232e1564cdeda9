import EspalierFormats

extension Dataset where Element == [UInt8] {
  /// Returns the records of TFRecord files, one file after the other or several in turns.
  ///
  /// Both checksums of every record are verified; a damaged one is an error that names file, record and offset.
  ///
  /// - Parameters:
  ///   - compression: How the files are compressed; it is not guessed.
  ///   - bufferSize: The bytes read at a time.
  ///   - parallelReads: How many files are read at once, record by record in turns.
  ///
  /// Source: `tf.data.TFRecordDataset`.
  public static func tfRecords(
    _ files: [String], compression: RecordCompression = .none, bufferSize: Int = 1 << 18, parallelReads: Int = 1
  ) -> Dataset {
    if parallelReads > 1 {
      return Dataset<String>.elements(files).parallelInterleaved(cycle: parallelReads) {
        .tfRecords([$0], compression: compression, bufferSize: bufferSize)
      }
    }
    return .files(files) { file in
      let reader = try TFRecordReader(path: file, compression: compression, bufferSize: bufferSize)
      return { try reader.next() }
    }
  }

  /// Returns the records of files that hold records of `recordBytes` bytes between a header and a footer.
  ///
  /// - Parameter compression: How the files are compressed; lengths are those of what was compressed.
  ///
  /// Source: `tf.data.FixedLengthRecordDataset`.
  ///
  /// - Throws: While it is iterated, `FormatError` for a file that does not hold whole records.
  public static func fixedLengthRecords(
    _ files: [String], recordBytes: Int, headerBytes: Int = 0, footerBytes: Int = 0,
    compression: RecordCompression = .none
  ) -> Dataset {
    .files(files) { file in
      if compression != .none {
        let records = try CompressedRecords(
          file: file, compression, recordBytes: recordBytes, headerBytes: headerBytes, footerBytes: footerBytes)
        return { try records.next() }
      }
      let records = try FixedLengthRecords(
        file: file, recordBytes: recordBytes, headerBytes: headerBytes, footerBytes: footerBytes)
      return { try records.next() }
    }
  }

  /// Returns what `open` reads from each file, one file after the other; no file is open before its turn.
  static func files(
    _ files: [String], open: @escaping @Sendable (String) throws -> () throws -> [UInt8]?
  ) -> Dataset {
    .generated {
      var remaining = files[...]
      var read: (() throws -> [UInt8]?)?
      return {
        while true {
          if let record = try read?() { return record }
          guard let file = remaining.popFirst() else { return nil }
          read = try open(file)
        }
      }
    }
  }
}

extension Dataset where Element == String {
  /// Returns the lines of text files in UTF-8, without their ends (`\n` or `\r\n`).
  ///
  /// - Parameter compression: How the files are compressed.
  ///
  /// Source: `tf.data.TextLineDataset`.
  public static func textLines(_ files: [String], compression: RecordCompression = .none) -> Dataset {
    Dataset<[UInt8]>.files(files) { file in
      let source = FileSource(try LocalFileSystem().openFile(file))
      let lines = TextLines(BufferedInput(try source.decompressed(compression)))
      return { try lines.next() }
    }.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Cuts a file into records of one length.
private final class FixedLengthRecords {
  private let input: BufferedInput
  private let recordBytes: Int
  private var recordsLeft: Int

  init(file: String, recordBytes: Int, headerBytes: Int, footerBytes: Int) throws {
    guard recordBytes > 0, headerBytes >= 0, footerBytes >= 0 else {
      throw DatasetError("records must have at least one byte, header and footer at least none")
    }
    let opened = try LocalFileSystem().openFile(file)
    let body = opened.size - headerBytes - footerBytes
    guard body >= 0, body % recordBytes == 0 else {
      throw DatasetError(
        "\(file): \(opened.size) bytes are not a header of \(headerBytes), whole records of \(recordBytes) and a footer "
          + "of \(footerBytes)")
    }
    self.recordBytes = recordBytes
    recordsLeft = body / recordBytes
    input = BufferedInput(FileSource(opened))
    _ = try input.skip(headerBytes)
  }

  func next() throws -> [UInt8]? {
    guard recordsLeft > 0 else { return nil }
    recordsLeft -= 1
    return try input.read(recordBytes)
  }
}

/// Cuts what a file holds decompressed into records of one length; where it ends is not known before.
private final class CompressedRecords {
  private let input: BufferedInput
  private let file: String
  private let recordBytes: Int
  /// As many bytes as the footer has, which may belong to the next record.
  private var ahead: [UInt8]

  init(
    file: String, _ compression: RecordCompression, recordBytes: Int, headerBytes: Int, footerBytes: Int
  ) throws {
    guard recordBytes > 0, headerBytes >= 0, footerBytes >= 0 else {
      throw DatasetError("records must have at least one byte, header and footer at least none")
    }
    let source = FileSource(try LocalFileSystem().openFile(file))
    input = BufferedInput(try source.decompressed(compression))
    (self.file, self.recordBytes) = (file, recordBytes)
    let skipped = try input.skip(headerBytes)
    ahead = try input.read(footerBytes)
    guard skipped == headerBytes, ahead.count == footerBytes else {
      throw DatasetError("\(file): it does not hold a header of \(headerBytes) bytes and a footer of \(footerBytes)")
    }
  }

  func next() throws -> [UInt8]? {
    let more = try input.read(recordBytes)
    if more.isEmpty { return nil }
    guard more.count == recordBytes else {
      throw DatasetError("\(file): the last record has \(more.count) bytes of \(recordBytes)")
    }
    let both = ahead + more
    ahead = Array(both[recordBytes...])
    return Array(both[..<recordBytes])
  }
}

/// Cuts a file into lines.
private final class TextLines {
  private let input: BufferedInput

  init(_ input: BufferedInput) {
    self.input = input
  }

  func next() throws -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      let window = try input.peek(1 << 12)
      if window.isEmpty { return line.isEmpty ? nil : line }
      let end = window.firstIndex(of: UInt8(ascii: "\n"))
      line.append(contentsOf: window[..<(end ?? window.endIndex)])
      input.advance((end.map { $0 + 1 } ?? window.endIndex) - window.startIndex)
      guard end != nil else { continue }
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      return line
    }
  }
}

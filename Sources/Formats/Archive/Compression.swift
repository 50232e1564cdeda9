extension RecordCompression {
  /// zlib's `windowBits`: the largest window, and which header stands before the data.
  fileprivate var windowBits: Int32 { self == .gzip ? 31 : 15 }
}

extension ByteSource {
  /// Returns the decompressed bytes.
  ///
  /// - Throws: `FormatError` if zlib is needed and not installed.
  package func decompressed(_ compression: RecordCompression) throws(FormatError) -> any ByteSource {
    if compression == .none { return self }
    return try InflateSource(self, compression)
  }
}

extension WritableFile {
  /// Returns a file that compresses what is written and hands it on to this one.
  ///
  /// - Parameter level: From 0, none, to 9, the smallest; -1 is a good middle.
  /// - Throws: `FormatError` if zlib is needed and not installed.
  package func compressed(
    _ compression: RecordCompression, level: Int = -1
  ) throws(FormatError) -> any WritableFile {
    if compression == .none { return self }
    return try DeflateFile(self, compression, level: Int32(clamping: level))
  }
}

/// Decompresses a stream, also one of several gzip members.
private final class InflateSource: ByteSource {
  private let source: any ByteSource
  private let library: Zlib
  private let stream: ZlibStream
  private let isGzip: Bool
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0
  private var offset = 0
  private var isInside = true
  private var isAtEnd = false

  init(_ source: any ByteSource, _ compression: RecordCompression) throws(FormatError) {
    self.source = source
    library = try Zlib.shared()
    stream = ZlibStream(end: library.inflateEnd)
    isGzip = compression == .gzip
    guard library.inflateInit(stream.pointer, compression.windowBits, "1", ZlibStream.size) == Zlib.Code.ok else {
      throw FormatError(.unavailable, file: source.file, "zlib cannot start to inflate")
    }
  }

  var file: String { source.file }
  var remaining: Int? { isAtEnd ? 0 : nil }

  func read(into output: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    while !isAtEnd {
      if unread.isEmpty { try fill() }
      if !isInside, try !startMember() { break }
      let (code, read, written) = buffer[unread].withUnsafeBytes { input in
        stream.run(library.inflate, flush: Zlib.Flush.none, input: input, output: output)
      }
      unread = unread.lowerBound + read..<unread.upperBound
      offset += read
      switch code {
      case Zlib.Code.streamEnd: isInside = false
      case Zlib.Code.ok, Zlib.Code.bufferError:
        guard written > 0 || read > 0 else { throw error("the compressed data end early") }
      default: throw error("inflate: \(stream.message)")
      }
      if written > 0 { return written }
    }
    return 0
  }

  /// Returns whether another gzip member follows; zeros, with which archives are padded, may follow the last one.
  private func startMember() throws(FormatError) -> Bool {
    while true {
      if unread.isEmpty { try fill() }
      guard let next = buffer[unread].first else { break }
      if isGzip && next == 0x1F {
        _ = library.inflateReset(stream.pointer)
        isInside = true
        return true
      }
      guard next == 0 else { throw error("bytes after the end of the compressed data") }
      unread.removeFirst()
      offset += 1
    }
    isAtEnd = true
    return false
  }

  private func fill() throws(FormatError) {
    let source = source
    let count = try buffer.withUnsafeMutableBufferPointer { bytes throws(FormatError) in
      try source.read(into: UnsafeMutableRawBufferPointer(bytes))
    }
    unread = 0..<count
  }

  private func error(_ message: String) -> FormatError {
    FormatError(.dataLoss, file: source.file, offset: offset, message)
  }
}

/// Compresses what is written.
private final class DeflateFile: WritableFile {
  private let output: any WritableFile
  private let library: Zlib
  private let stream: ZlibStream
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(_ output: any WritableFile, _ compression: RecordCompression, level: Int32) throws(FormatError) {
    self.output = output
    library = try Zlib.shared()
    stream = ZlibStream(end: library.deflateEnd)
    // Method 8 is deflate; memory level 8; strategy 0 is the default.
    let code = library.deflateInit(stream.pointer, level, 8, compression.windowBits, 8, 0, "1", ZlibStream.size)
    guard code == Zlib.Code.ok else {
      throw FormatError(.unavailable, file: output.path, "zlib cannot start to deflate")
    }
  }

  var path: String { output.path }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    try deflate(bytes, flush: Zlib.Flush.none)
  }

  func flush() throws(FormatError) {
    try deflate(UnsafeRawBufferPointer(start: nil, count: 0), flush: Zlib.Flush.sync)
    try output.flush()
  }

  func synchronize() throws(FormatError) {
    try flush()
    try output.synchronize()
  }

  func close() throws(FormatError) {
    try deflate(UnsafeRawBufferPointer(start: nil, count: 0), flush: Zlib.Flush.finish)
    try output.close()
  }

  private func deflate(_ bytes: UnsafeRawBufferPointer, flush: Int32) throws(FormatError) {
    var rest = bytes
    while true {
      let (code, read, written) = buffer.withUnsafeMutableBytes { target in
        stream.run(library.deflate, flush: flush, input: rest, output: target)
      }
      guard code == Zlib.Code.ok || code == Zlib.Code.streamEnd || code == Zlib.Code.bufferError else {
        throw FormatError(.system, file: path, "deflate: \(stream.message)")
      }
      if written > 0 { try output.write(Array(buffer[..<written])) }
      rest = UnsafeRawBufferPointer(rebasing: rest[read...])
      // Output that fills the buffer says that there may be more of it.
      if rest.isEmpty && written < buffer.count { return }
    }
  }
}

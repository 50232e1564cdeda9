/// Bytes that come one after the other: a file, or what a decompressor makes of one.
package protocol ByteSource: AnyObject {
  /// What the bytes are called in errors.
  var file: String { get }
  /// The bytes that are still to come, or nil if that is not known.
  var remaining: Int? { get }
  /// Reads some bytes into `buffer`, which is not empty; returns their number, 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int
}

/// The bytes of a file in order.
package final class FileSource: ByteSource {
  private let input: any ReadableFile
  private var position = 0

  /// Returns the bytes of an open file.
  package init(_ input: any ReadableFile) {
    self.input = input
  }

  package var file: String { input.path }
  package var remaining: Int? { input.size - position }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let count = try input.read(at: position, into: buffer)
    position += count
    return count
  }
}

/// Bytes in memory in order.
package final class MemorySource: ByteSource {
  package let file: String
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  package var remaining: Int? { bytes.count - position }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let count = min(buffer.count, bytes.count - position)
    bytes[position..<position + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
    position += count
    return count
  }
}

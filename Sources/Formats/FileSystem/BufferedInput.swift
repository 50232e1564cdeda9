/// Sequential reading with look-ahead, in large steps.
package final class BufferedInput {
  private let source: any ByteSource
  private var buffer: [UInt8]
  private var start = 0
  private var end = 0
  /// The offset in the stream of the next byte.
  package private(set) var offset = 0

  /// Returns a reader of `source` that asks for `bufferSize` bytes at a time.
  package init(_ source: any ByteSource, bufferSize: Int = 1 << 18) {
    self.source = source
    buffer = [UInt8](repeating: 0, count: max(bufferSize, 4096))
  }

  /// What the bytes are called in errors.
  package var file: String { source.file }
  /// The bytes that are still to come, or nil if that is not known.
  package var remaining: Int? { source.remaining.map { $0 + end - start } }

  /// Returns the next `count` bytes without passing them; fewer at the end of the stream. `count` is at most 4096.
  package func peek(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
    while end - start < count {
      if start > 0 { compact() }
      let more = try fill()
      if more == 0 { break }
    }
    return buffer[start..<min(end, start + count)]
  }

  /// Passes bytes that were peeked.
  package func advance(_ count: Int) {
    let step = min(count, end - start)
    start += step
    offset += step
  }

  /// Returns up to `count` bytes; fewer only at the end of the stream.
  ///
  /// Allocates no more than a small multiple of the bytes that are really there, whatever `count` says.
  package func read(_ count: Int) throws(FormatError) -> [UInt8] {
    let buffered = min(count, end - start)
    if buffered == count {
      defer { advance(count) }
      return Array(buffer[start..<start + count])
    }
    let wanted = remaining.map { min($0, count) } ?? count
    var result = Array(buffer[start..<start + buffered])
    advance(buffered)
    while result.count < wanted {
      let chunk = remaining == nil ? min(wanted - result.count, max(result.count, 1 << 16)) : wanted - result.count
      guard try append(chunk, to: &result) else { break }
    }
    return result
  }

  /// Passes up to `count` bytes; returns how many there were.
  package func skip(_ count: Int) throws(FormatError) -> Int {
    var done = 0
    while done < count {
      if start == end {
        start = 0
        end = 0
        if try fill() == 0 { break }
      }
      let step = min(count - done, end - start)
      advance(step)
      done += step
    }
    return done
  }

  private func append(_ count: Int, to result: inout [UInt8]) throws(FormatError) -> Bool {
    let before = result.count
    result.append(contentsOf: repeatElement(0, count: count))
    var done = 0
    let source = source
    try result.withUnsafeMutableBufferPointer { target throws(FormatError) in
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[(before + done)...]))
        let more = try source.read(into: rest)
        if more == 0 { break }
        done += more
      }
    }
    result.removeLast(count - done)
    offset += done
    return done == count
  }

  private func compact() {
    let count = end - start
    buffer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      base.copyMemory(from: base + start, byteCount: count)
    }
    start = 0
    end = count
  }

  private func fill() throws(FormatError) -> Int {
    let source = source
    let from = end
    let count = try buffer.withUnsafeMutableBufferPointer { bytes throws(FormatError) in
      try source.read(into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[from...])))
    }
    end += count
    return count
  }
}

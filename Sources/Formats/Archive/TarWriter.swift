/// Writes a tar archive of regular files.
///
/// Equal calls give equal bytes: owner, rights and time are fixed.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format".
package struct TarWriter {
  private let output: any WritableFile
  private let time: Int

  /// Returns a writer to `output`; `time` is when all members were changed, in seconds since 1970.
  package init(_ output: any WritableFile, time: Int) {
    self.output = output
    self.time = time
  }

  /// Appends a directory.
  package func writeDirectory(_ name: String) throws(FormatError) {
    try output.write(header(name + "/", size: 0, mode: 0o755, type: "5"))
  }

  /// Appends a file.
  package func write(_ name: String, _ bytes: [UInt8]) throws(FormatError) {
    try output.write(header(name, size: bytes.count, mode: 0o644, type: "0"))
    try output.write(bytes)
    try output.write([UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512))
  }

  /// Ends the archive and closes the file.
  package func close() throws(FormatError) {
    try output.write([UInt8](repeating: 0, count: 1024))
    try output.close()
  }

  private func header(_ name: String, size: Int, mode: Int, type: Character) throws(FormatError) -> [UInt8] {
    guard name.utf8.count <= 100, size < 1 << 33 else {
      throw FormatError(.invalidArgument, file: output.path, "the member \(name) has too long a name or too many bytes")
    }
    var block = [UInt8](repeating: 0, count: 512)
    block.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    for (place, digits, value) in [(100, 7, mode), (108, 7, 0), (116, 7, 0), (124, 11, size), (136, 11, time)] {
      block.replaceSubrange(place..<place + digits, with: Self.octal(value, digits))
    }
    block[156] = type.asciiValue ?? 0
    block.replaceSubrange(257..<265, with: Array("ustar\0".utf8) + Array("00".utf8))
    let sum = block.reduce(8 * 32) { $0 + Int($1) }
    block.replaceSubrange(148..<156, with: Self.octal(sum, 6) + [0, 32])
    return block
  }

  private static func octal(_ value: Int, _ count: Int) -> [UInt8] {
    let digits = String(value, radix: 8)
    return Array((String(repeating: "0", count: max(0, count - digits.count)) + digits).utf8)
  }
}

import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Makes directories that nobody else has.
enum TemporaryDirectory {
  /// Returns the path of a new directory below `TMPDIR`, or `/tmp`.
  static func make() throws -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array(FilePath.join(base, "espalier-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FormatError(.system, file: base, "cannot make a directory in it: \(String(cString: strerror(errno)))")
    }
    return String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Directories that are named by the time, so that the newest model has the greatest number.
enum ExportDirectory {
  private static let attempts = 10

  /// Returns the path of a directory below `base` that does not exist yet.
  ///
  /// - Throws: `FormatError` if ten seconds in a row are taken.
  static func unused(in base: String) throws(FormatError) -> String {
    let files = LocalFileSystem()
    for attempt in 1...attempts {
      let seconds = String(Int(wallTime()))
      let path = FilePath.join(base, String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds)
      if !files.exists(path), !files.exists(FilePath.join(base, "temp-" + FilePath.name(of: path))) { return path }
      if attempt < attempts { sleep(1) }
    }
    throw FormatError(
      .system, file: base, "Failed to obtain a unique export directory name after \(attempts) attempts.")
  }
}

extension Files {
  /// Fetches a file with the program curl, in place of one that may be there; progress is shown on the standard error
  /// output.
  ///
  /// The bytes go to `path.partial`, which gets its name only when all are there and their checksum is right.
  ///
  /// - Parameters:
  ///   - url: `https:`, `http:`, `ftp:` or `file:`; redirections are followed.
  ///   - path: Where the file goes; its directory is made if need be.
  ///   - sha256: The SHA-256 checksum that the file must have, in hexadecimal digits; nil takes any.
  /// - Throws: `FormatError` that names the URL: if curl is not installed or cannot fetch it, or the checksum is wrong.
  ///
  /// Source: `tf.keras.utils.get_file` with `file_hash`.
  public static func download(_ url: String, to path: String, sha256: String? = nil) throws(FormatError) {
    let fileSystem = LocalFileSystem()
    let partial = path + ".partial"
    try fileSystem.createDirectory(FilePath.directory(of: path))
    defer { try? fileSystem.remove(partial) }
    try fetch(url, to: partial)
    if let sha256 {
      let sum = try SHA256(file: partial).hex
      guard sum == sha256.lowercased() else {
        throw FormatError(.dataLoss, file: url, "its SHA-256 checksum is \(sum), not \(sha256); it was not kept")
      }
    }
    try fileSystem.synchronizeFile(partial)
    try fileSystem.rename(partial, to: path)
    try fileSystem.synchronizeDirectory(FilePath.directory(of: path))
  }

  /// Fetches a file with a program that takes the options of curl.
  package static func fetch(_ url: String, to path: String, with program: String = "curl") throws(FormatError) {
    let arguments = ["--fail", "--location", "--show-error", "--output", path, "--", url]
    switch Posix.run(program, arguments) {
    case .exited(0): return
    case .exited(let status):
      throw FormatError(.notFound, file: url, "\(program) cannot fetch it: exit status \(status)")
    case .stopped(let signal): throw FormatError(.system, file: url, "\(program) was stopped by signal \(signal)")
    case .notFound:
      throw FormatError(
        .unavailable, file: url,
        "the program \(program) is not installed: install the package \(program), or fetch the file by other means")
    case .notStarted(let reason):
      throw FormatError(.system, file: url, "\(program) cannot be started: \(reason)")
    }
  }
}

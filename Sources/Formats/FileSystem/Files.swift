/// Files of this machine by their paths.
///
/// All throw `FormatError`, which names the file.
///
/// Source: `tf.io.gfile`.
public enum Files {
  /// Returns whether there is a file or a directory.
  public static func exist(at path: String) -> Bool { LocalFileSystem().exists(path) }

  /// Returns the names of what is in a directory, in the order of their bytes.
  public static func names(inDirectory path: String) throws(FormatError) -> [String] {
    try LocalFileSystem().names(inDirectory: path)
  }

  /// Returns the paths that match a pattern with `*`, `?` and `[…]`, sorted.
  ///
  /// Source: `tf.gfile.Glob`.
  public static func paths(matching pattern: String) -> [String] { LocalFileSystem().paths(matching: pattern) }

  /// Makes a directory, and those above it, unless it is there.
  public static func createDirectory(_ path: String) throws(FormatError) {
    try LocalFileSystem().createDirectory(path)
  }

  /// Returns all bytes of a file of at most 2 GiB.
  public static func contents(of path: String) throws(FormatError) -> [UInt8] {
    try LocalFileSystem().contents(of: path)
  }

  /// Writes a file; after a crash at any moment the old or the whole new one is there.
  public static func write(_ bytes: [UInt8], to path: String) throws(FormatError) {
    try LocalFileSystem().replaceFile(path, with: bytes)
  }

  /// Deletes a file.
  public static func remove(_ path: String) throws(FormatError) { try LocalFileSystem().remove(path) }
}

/// The operations on files that readers and writers of this module need.
///
/// A protocol, so that tests can stand for a disk that loses power between any two of them.
package protocol FileSystem: Sendable {
  /// Opens an existing regular file.
  func openFile(_ path: String) throws(FormatError) -> any ReadableFile
  /// Makes an empty file, or empties the one that is there; with `exclusively`, throws if there is one.
  func createFile(_ path: String, exclusively: Bool) throws(FormatError) -> any WritableFile
  /// Gives a file another name in one step, replacing what had that name.
  func rename(_ path: String, to newPath: String) throws(FormatError)
  /// Removes a file; nothing happens if there is none.
  func remove(_ path: String) throws(FormatError)
  /// Waits until the names in a directory are on the disk.
  func synchronizeDirectory(_ path: String) throws(FormatError)
  /// Makes a directory and those above it, where they do not exist.
  func createDirectory(_ path: String) throws(FormatError)
  /// Returns the names in a directory, in byte order.
  func names(inDirectory path: String) throws(FormatError) -> [String]
  /// Returns whether there is a file or directory.
  func exists(_ path: String) -> Bool
  /// Returns how much can still be written into a directory; nil if that is not known.
  func space(inDirectory path: String) -> DiskSpace?
  /// Returns when a file was last changed, in seconds since 1970; nil if that is not known.
  func modificationTime(of path: String) -> Double?
}

/// How much can still be written to a disk.
package struct DiskSpace: Hashable, Sendable {
  /// In bytes.
  package let available: Int
  /// The bytes in which files take their space.
  package let unit: Int

  /// Returns how many bytes of files of these sizes have no place.
  package func missing(_ sizes: [Int]) -> Int {
    max(0, sizes.reduce(0) { $0 + ($1 + unit - 1) / unit * unit } - available)
  }
}

/// An open file that can be read anywhere.
package protocol ReadableFile: AnyObject, Sendable {
  var path: String { get }
  /// The size when the file was opened, in bytes.
  var size: Int { get }
  /// Reads up to the size of `buffer`; returns less only at the end of the file.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int
}

/// A file that is being written from its start.
package protocol WritableFile: AnyObject {
  var path: String { get }
  /// Appends all bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError)
  /// Hands buffered bytes to the system, so that other processes see them.
  func flush() throws(FormatError)
  /// Waits until all bytes are on the disk.
  func synchronize() throws(FormatError)
  /// Closes the file. Nothing can be written afterwards.
  func close() throws(FormatError)
}

extension WritableFile {
  /// Appends all bytes.
  package func write(_ bytes: [UInt8]) throws(FormatError) {
    var failure: FormatError?
    bytes.withUnsafeBytes { buffer in
      do throws(FormatError) { try write(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  package func flush() throws(FormatError) {}
}

extension ReadableFile {
  /// Returns `count` bytes from `offset` on; `what` names them in errors.
  package func bytes(at offset: Int, count: Int, of what: String) throws(FormatError) -> [UInt8] {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard offset >= 0, count >= 0, !overflow, end <= size else {
      throw FormatError(
        .dataLoss, file: path, offset: offset, "\(what) takes \(count) bytes, but the file has \(size) in all")
    }
    var result = [UInt8](repeating: 0, count: count)
    try fill(&result, at: offset, what)
    return result
  }

  private func fill(_ array: inout [UInt8], at offset: Int, _ what: String) throws(FormatError) {
    let count = array.count
    let done = try array.withUnsafeMutableBufferPointer { buffer throws(FormatError) in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard done == count else {
      throw FormatError(
        .dataLoss, file: path, offset: offset, "\(what) takes \(count) bytes, but only \(done) could be read")
    }
  }
}

extension FileSystem {
  package func space(inDirectory path: String) -> DiskSpace? { nil }
  package func modificationTime(of path: String) -> Double? { nil }

  /// Returns all bytes of a file.
  ///
  /// - Throws: `FormatError` if it cannot be read or has more than `limit` bytes.
  package func contents(of path: String, limit: Int = 1 << 31) throws(FormatError) -> [UInt8] {
    let file = try openFile(path)
    guard file.size <= limit else {
      throw FormatError(.resourceExhausted, file: path, "the file has \(file.size) bytes, the limit is \(limit)")
    }
    return try file.bytes(at: 0, count: file.size, of: "the file")
  }

  /// Writes a file so that after a crash at any moment either the old or the whole new one is there.
  ///
  /// The bytes go to a temporary file in the same directory, are on the disk before it is renamed, and the directory is
  /// on the disk when this returns.
  package func replaceFile(_ path: String, with bytes: [UInt8]) throws(FormatError) {
    let temporary = TemporaryName.of(path)
    do {
      let file = try createFile(temporary, exclusively: false)
      try file.write(bytes)
      try file.synchronize()
      try file.close()
      try rename(temporary, to: path)
    } catch {
      try? remove(temporary)
      throw error
    }
    try synchronizeDirectory(FilePath.directory(of: path))
  }
}

/// The name that a file has until it is whole.
package enum TemporaryName {
  private static let mark = ".tempstate"

  /// Returns the name under which `path` is written first.
  package static func of(_ path: String) -> String { path + mark + String(processIdentifier) }

  /// Returns whether `name` was made by `of(_:)`, in this or another process.
  package static func isTemporary(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    let suffix = name[dot...]
    return suffix.hasPrefix(mark) && suffix.dropFirst(mark.count).allSatisfy(\.isNumber)
  }
}

/// Paths as text: this module knows only the separator `/`.
public enum FilePath {
  /// Returns what stands before the last separator; `.` if there is none.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Returns what stands after the last separator.
  public static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// Returns a directory's path as other paths start with it; `.` for the empty path.
  package static func withoutTrailingSlash(_ path: String) -> String {
    var result = path.isEmpty ? "." : path
    while result.count > 1, result.hasSuffix("/") { result.removeLast() }
    return result
  }

  /// Returns `name` within `directory`; `name` itself if it is absolute or `directory` is empty.
  public static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || name.hasPrefix("/") { return name }
    return directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// Returns a path as it is seen from a directory, where both are relative to the same one.
  static func relative(_ path: String, to directory: String) -> String {
    func parts(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
    let (own, base) = (parts(path), parts(directory))
    let common = zip(own, base).prefix { $0 == $1 }.count
    return ([Substring](repeating: "..", count: base.count - common) + own.dropFirst(common)).joined(separator: "/")
  }

  /// Returns whether `name` stays below the directory that it is taken relative to.
  package static func staysInside(_ name: String) -> Bool {
    if name.isEmpty || name.hasPrefix("/") || name.contains("\\") { return false }
    if name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) { return false }
    if name.dropFirst().first == ":" { return false }
    return !name.split(separator: "/").contains("..")
  }
}

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files of this machine.
package struct LocalFileSystem: FileSystem {
  package init() {}

  package func openFile(_ path: String) throws(FormatError) -> any ReadableFile {
    try LocalReadableFile(path)
  }

  package func createFile(_ path: String, exclusively: Bool) throws(FormatError) -> any WritableFile {
    try LocalWritableFile(path, exclusively: exclusively)
  }

  package func rename(_ path: String, to newPath: String) throws(FormatError) {
    guard renameat(AT_FDCWD, path, AT_FDCWD, newPath) == 0 else {
      throw Posix.failure(path, "rename to \(newPath)")
    }
  }

  package func remove(_ path: String) throws(FormatError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw Posix.failure(path, "remove") }
  }

  package func synchronizeDirectory(_ path: String) throws(FormatError) {
    try synchronize(path, flags: O_RDONLY | O_DIRECTORY, doing: "open the directory")
  }

  /// Waits until the bytes of a file are on the disk that another program wrote.
  func synchronizeFile(_ path: String) throws(FormatError) {
    try synchronize(path, flags: O_RDONLY, doing: "open")
  }

  private func synchronize(_ path: String, flags: Int32, doing action: String) throws(FormatError) {
    let descriptor = try Posix.open(path, flags: flags, doing: action)
    let synchronized = Result { () throws(FormatError) in try Posix.synchronize(descriptor, path) }
    try Posix.close(descriptor, path)
    try synchronized.get()
  }

  package func createDirectory(_ path: String) throws(FormatError) {
    if path.isEmpty || exists(path) { return }
    let parent = FilePath.directory(of: path)
    if parent != path { try createDirectory(parent) }
    guard mkdir(path, mode_t(0o777)) == 0 || errno == EEXIST else {
      throw Posix.failure(path, "make the directory")
    }
  }

  package func names(inDirectory path: String) throws(FormatError) -> [String] {
    guard let directory = opendir(path) else { throw Posix.failure(path, "list") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  package func space(inDirectory path: String) -> DiskSpace? { Posix.space(path) }
  package func modificationTime(of path: String) -> Double? { Posix.modificationTime(path) }

  /// Removes a directory and all that is in it.
  package func removeDirectory(_ path: String) throws(FormatError) {
    for name in try names(inDirectory: path) {
      let inner = FilePath.join(path, name)
      // Only what is no directory can be unlinked.
      if (try? remove(inner)) == nil { try removeDirectory(inner) }
    }
    guard rmdir(path) == 0 else { throw Posix.failure(path, "remove the directory") }
  }
}

/// An open file of this machine.
private final class LocalReadableFile: ReadableFile {
  let path: String
  let size: Int
  private let descriptor: Int32

  init(_ path: String) throws(FormatError) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer before it could be refused.
    let descriptor = try Posix.open(path, flags: O_RDONLY | O_NONBLOCK, doing: "open")
    do {
      size = try Posix.size(of: descriptor, path)
    } catch {
      try? Posix.close(descriptor, path)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    try? Posix.close(descriptor, path)
  }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    try Posix.read(descriptor, at: offset, into: buffer, path)
  }
}

/// A file of this machine that is being written, with a buffer in front of the system.
private final class LocalWritableFile: WritableFile {
  let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 18

  init(_ path: String, exclusively: Bool) throws(FormatError) {
    let flags = O_WRONLY | O_CREAT | (exclusively ? O_EXCL : O_TRUNC)
    descriptor = try Posix.open(path, flags: flags, doing: "create")
    self.path = path
  }

  deinit {
    guard descriptor >= 0 else { return }
    try? flush()
    try? Posix.close(descriptor, path)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    try checkOpen()
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count >= Self.capacity {
      try Posix.write(descriptor, bytes, path)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  func flush() throws(FormatError) {
    try checkOpen()
    if buffer.isEmpty { return }
    let path = path
    let descriptor = descriptor
    try buffer.withUnsafeBufferPointer { pointer throws(FormatError) in
      try Posix.write(descriptor, UnsafeRawBufferPointer(pointer), path)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  func synchronize() throws(FormatError) {
    try flush()
    try Posix.synchronize(descriptor, path)
  }

  func close() throws(FormatError) {
    try flush()
    defer { descriptor = -1 }
    try Posix.close(descriptor, path)
  }

  private func checkOpen() throws(FormatError) {
    guard descriptor >= 0 else { throw FormatError(.invalidArgument, file: path, "the file is closed") }
  }
}

import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Keeps other processes from training in the same directory. The system lets go of it when the process ends, however
/// that happens; readers of the directory are never kept out.
final class DirectoryLock {
  private let descriptor: Int32

  /// Takes the lock `directory/.lock`, which then holds the number of this process.
  ///
  /// - Throws: `EstimatorError.modelDirectoryInUse` if another process, or another training of this one, has it;
  ///   `FormatError` if the file cannot be made.
  init(_ directory: String) throws {
    let path = FilePath.join(directory, ".lock")
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o666))
    guard opened >= 0 else {
      throw FormatError(.system, file: path, "cannot create it: \(String(cString: strerror(errno)))")
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let owner = Self.owner(opened)
      close(opened)
      throw EstimatorError.modelDirectoryInUse(directory: directory, process: owner)
    }
    descriptor = opened
    let text = Array("\(getpid())\n".utf8)
    // Only a courtesy to whoever is refused: the lock holds without it.
    if ftruncate(opened, 0) == 0 { _ = pwrite(opened, text, text.count, 0) }
  }

  deinit {
    close(descriptor)
  }

  private static func owner(_ descriptor: Int32) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: buffer[..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}

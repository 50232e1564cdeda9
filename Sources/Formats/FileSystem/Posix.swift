#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The number of this process.
package var processIdentifier: Int32 { getpid() }

/// The system calls on files, with interruptions retried and failures as `FormatError`.
enum Posix {
  static func open(_ path: String, flags: Int32, doing action: String) throws(FormatError) -> Int32 {
    let descriptor = retrying { openat(AT_FDCWD, path, flags | O_CLOEXEC, mode_t(0o666)) }
    guard descriptor >= 0 else { throw failure(path, action) }
    return descriptor
  }

  /// Returns the size of an open regular file.
  static func size(of descriptor: Int32, _ path: String) throws(FormatError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "read the size of") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FormatError(.invalidArgument, file: path, "expected a regular file")
    }
    return Int(status.st_size)
  }

  static func read(
    _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer, _ path: String
  ) throws(FormatError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = retrying { pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
      guard count >= 0 else { throw failure(path, "read", at: offset + done) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(FormatError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = retrying { systemWrite(descriptor, rest.baseAddress, rest.count) }
      guard count > 0 else { throw failure(path, "write to") }
      done += count
    }
  }

  static func synchronize(_ descriptor: Int32, _ path: String) throws(FormatError) {
    #if canImport(Darwin)
      // fsync on Darwin leaves the bytes in the drive's cache.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    // A failed fsync is not tried again: the kernel may have dropped the pages that it could not write.
    guard fsync(descriptor) == 0 else { throw failure(path, "synchronize") }
  }

  static func close(_ descriptor: Int32, _ path: String) throws(FormatError) {
    // Not retried when interrupted: the descriptor is gone by then.
    guard systemClose(descriptor) == 0 || errno == EINTR else { throw failure(path, "close") }
  }

  /// Returns how many bytes can be written into files of a directory, and in what unit they are taken; nil if the system
  /// does not say.
  static func space(_ directory: String) -> DiskSpace? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0, status.f_frsize > 0 else { return nil }
    let unit = Int(status.f_frsize)
    return DiskSpace(available: Int(status.f_bavail) * unit, unit: unit)
  }

  /// Returns when a file was last changed, in seconds since 1970; nil if there is none.
  static func modificationTime(_ path: String) -> Double? {
    var status = stat()
    guard fstatat(AT_FDCWD, path, &status, 0) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return seconds(time)
  }

  static func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9 }

  static func failure(_ path: String, _ action: String, at offset: Int? = nil) -> FormatError {
    let code = errno
    let kind: FormatError.Kind =
      switch code {
      case ENOENT: .notFound
      case ENOSPC, EDQUOT: .resourceExhausted
      default: .system
      }
    return FormatError(kind, file: path, offset: offset, "cannot \(action) it: \(String(cString: strerror(code)))")
  }

  private static func retrying<Count: BinaryInteger>(_ call: () -> Count) -> Count {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemClose(_ descriptor: Int32) -> Int32 {
  close(descriptor)
}

/// Returns seconds since 1970.
package func wallTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Posix.seconds(time)
}

/// Returns seconds of a clock that never jumps.
func monotonicTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Posix.seconds(time)
}

/// Returns the name of this machine, `localhost` if it has none.
func hostName() -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
  let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  return name.isEmpty ? "localhost" : name
}

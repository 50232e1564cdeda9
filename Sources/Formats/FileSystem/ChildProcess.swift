// The environment is handed on as it is; nothing here changes it.
#if canImport(Darwin)
  @preconcurrency import Darwin
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Glibc
#endif

extension Posix {
  /// How another program ended.
  enum Ending: Equatable {
    case exited(status: Int32)
    case stopped(signal: Int32)
    /// There is no such program.
    case notFound
    case notStarted(reason: String)
  }

  /// Runs a program of the search path, with the inputs and outputs of this process, and waits for its end.
  static func run(_ program: String, _ arguments: [String]) -> Ending {
    var words = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let failure = posix_spawnp(&child, program, nil, nil, words, environment)
    if failure == ENOENT { return .notFound }
    guard failure == 0 else { return .notStarted(reason: String(cString: strerror(failure))) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return .notStarted(reason: String(cString: strerror(errno))) }
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited(status: status >> 8 & 0xFF) : .stopped(signal: signal)
  }

  private static var environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    #if canImport(Darwin)
      _NSGetEnviron().pointee
    #else
      environ
    #endif
  }
}

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension CommandLineProgram {
  /// Does what the arguments of this process say; if that throws, says on the standard error output what is wrong and
  /// ends the process with `status(of:)`.
  public func run() {
    do {
      try run(CommandLine.arguments.dropFirst())
    } catch {
      let line = Array("\(name): \(error)\n".utf8)
      _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      exit(Self.status(of: error))
    }
  }

  /// Returns the status with which a program ends after an error.
  ///
  /// Source: sysexits.h.
  public static func status(of error: any Error) -> Int32 {
    switch error {
    case is UsageError, is ResNetError: UsageError.status
    case is DataError: DataError.status
    case let error as FormatError: error.exitCode
    case let error as EstimatorError: error.exitCode
    default: 70
    }
  }
}

import EspalierTools

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Looks into the files of models and trainings, runs models, and says what the machine offers.
@main
struct Main {
  static func main() {
    exit(Tool.run(Array(CommandLine.arguments.dropFirst()), print: { print($0) }, complain: complain))
  }

  private static func complain(_ message: String) {
    let line = Array((message + "\n").utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

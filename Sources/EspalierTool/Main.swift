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
    let status = Tool.run(Array(CommandLine.arguments.dropFirst()), print: { print($0) }) { message in
      let line = Array((message + "\n").utf8)
      _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    exit(status)
  }
}

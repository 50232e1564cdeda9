import EspalierConformance
import Foundation

/// Compares this framework with golden results: `espalier-conformance <folder> [word…]`.
///
/// The folder has `index.json`, and for each group a JSON file and a file of tensors. Words choose cases: those of which
/// `group/name` contains one of them. Prints a line per case; exits with 1 if a case fails, 64 on misuse.
@main
enum Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let folder = arguments.first, !folder.hasPrefix("-") else {
      if arguments.first == "--help" {
        print(usage)
        exit(EX_OK)
      }
      complain(usage)
      exit(EX_USAGE)
    }
    do {
      let failures = try run(URL(fileURLWithPath: folder), words: Array(arguments.dropFirst()))
      exit(failures == 0 ? EX_OK : EXIT_FAILURE)
    } catch {
      complain("espalier-conformance: \(error)")
      exit(EX_USAGE)
    }
  }

  private static let usage = "usage: espalier-conformance <folder> [word…]"

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Returns the number of cases that failed.
  private static func run(_ folder: URL, words: [String]) throws(ConformanceError) -> Int {
    var (passes, failures) = (0, 0)
    for group in try GoldenGroup.all(in: folder) {
      for golden in group.cases {
        let name = "\(group.name)/\(golden.name)"
        guard words.isEmpty || words.contains(where: name.contains) else { continue }
        if report(golden, name) { passes += 1 } else { failures += 1 }
      }
    }
    print("\(passes) of \(passes + failures) cases pass")
    return failures
  }

  /// Prints a line for a case and returns whether it passes.
  private static func report(_ golden: GoldenCase, _ name: String) -> Bool {
    do {
      let deviation = try Runner.run(golden)
      guard let problem = deviation.problem else {
        print("pass \(name)  max error \(deviation.greatest)")
        return true
      }
      print("FAIL \(name)  \(problem)  max error \(deviation.greatest)")
    } catch {
      print("FAIL \(name)  \("\(error)".split(separator: "\n").joined(separator: " "))")
    }
    return false
  }
}

import EspalierCommandLine
import EspalierFormats
import EspalierGraph

/// The program `espalier`: a word that says what to do, and what to do it with.
public enum Tool {
  /// The commands in the order in which help shows them.
  static let subcommands: [Subcommand] = [
    .inspectCheckpoint, .inspectEvents, .inspectRecords, .report, .show, .run, .freeze,
    .summarizeGraph, .doctor,
  ]

  /// Does what the arguments say; returns the status with which the program exits.
  ///
  /// - Parameters:
  ///   - print: What is called with each line of results.
  ///   - complain: What is called with what is wrong.
  public static func run(
    _ arguments: [String], print: @escaping (String) -> Void, complain: (String) -> Void
  ) -> Int32 {
    guard let word = arguments.first, !["--help", "-h", "help"].contains(word) else {
      print(help)
      return arguments.isEmpty ? UsageError.status : 0
    }
    do {
      guard let subcommand = subcommands.first(where: { $0.name == word }) else { throw unknown(word) }
      try subcommand.run(Array(arguments.dropFirst()), print)
      return 0
    } catch let error as UsageError {
      complain("espalier: \(error)")
      return UsageError.status
    } catch {
      complain("espalier: \(error)")
      return (error as? FormatError)?.exitCode ?? 1
    }
  }

  private static func unknown(_ word: String) -> UsageError {
    let near = subcommands.map { (name: $0.name, distance: editDistance($0.name, word)) }
      .min { $0.distance < $1.distance }
    let hint = near.flatMap { $0.distance <= max(2, word.count / 3) ? "; did you mean '\($0.name)'?" : nil }
    return UsageError("'\(word)' is not a command" + (hint ?? "; espalier --help lists them"))
  }

  private static var help: String {
    let width = subcommands.map(\.name.count).max() ?? 0
    let lines = subcommands.map { subcommand in
      "  " + subcommand.name.padded(to: width) + "  " + subcommand.summary
    }
    return """
      Looks into the files of models and trainings, runs models, and says what the
      machine offers.

      usage: espalier <command> [arguments]

      commands:
      \(lines.joined(separator: "\n"))

      espalier <command> --help says more of each.
      """
  }
}

/// One of the things that the program does.
struct Subcommand: Sendable {
  let name: String
  /// What it does, in one line.
  let summary: String
  let run: @Sendable (_ arguments: [String], _ print: @escaping (String) -> Void) throws -> Void

  /// Returns a command that takes words and options.
  ///
  /// - Parameters:
  ///   - words: The names of the words that it needs; one that ends in `…` stands for any number.
  ///   - body: Does the work.
  init<Options: Sendable>(
    _ name: String, _ summary: String, words: [String], defaults: Options, flags: [Flag<Options>],
    notes: String = "",
    body: @escaping @Sendable (_ words: [String], _ options: Options, _ print: (String) -> Void) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    let command = Command("espalier \(name)", summary, words: words, flags: flags)
    run = { arguments, print in
      let given = try command.parse(arguments)
      if given.wantsHelp { return print(command.help(defaults: [("default", defaults)], notes: notes)) }
      try command.checkWords(given)
      try body(given.words, try given.applied(to: defaults), print)
    }
  }
}

/// The options of a command that has none.
struct NoOptions: Sendable {}

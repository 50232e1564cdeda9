import EspalierGraph

/// A program of the command line: what it does by itself, and what its first word may choose instead.
///
///     @main struct Trainer {
///       static func main() {
///         let command = Command<Options>("trainer", "Trains a network.", flags: Options.flags)
///         CommandLineProgram(command, defaults: Options(), subcommands: [.export]) { given in
///           try train(given.applied(to: Options()))
///         }.run()
///       }
///     }
///
/// Source: `argparse.ArgumentParser` and its `add_subparsers`.
public struct CommandLineProgram: Sendable {
  /// What the user types to start it.
  public let name: String
  private let subcommands: [Subcommand]
  private let runItself: @Sendable (_ arguments: [String], _ print: (String) -> Void) throws -> Void

  /// Returns a program that is a command; `--help` shows its options, and the subcommands if there are any.
  ///
  /// - Parameters:
  ///   - defaults: The options that nothing is said of, as help shows them.
  ///   - subcommands: What the program does instead when its first word says so.
  ///   - body: Does the work of the command, unless help is asked for.
  public init<Options: Sendable>(
    _ command: Command<Options>, defaults: Options, subcommands: [Subcommand] = [],
    body: @escaping @Sendable (Command<Options>.Given) throws -> Void
  ) {
    self.init(command, presets: [("default", defaults)], subcommands: subcommands, body: body)
  }

  /// Returns a program that is a command with several sets of defaults, which help shows by their titles.
  public init<Options: Sendable>(
    _ command: Command<Options>, presets: [(title: String, options: Options)], subcommands: [Subcommand] = [],
    body: @escaping @Sendable (Command<Options>.Given) throws -> Void
  ) {
    name = command.name
    self.subcommands = subcommands
    runItself = { arguments, print in
      let given = try command.parse(arguments)
      if given.wantsHelp {
        let notes = subcommands.isEmpty ? "" : Self.list(subcommands)
        return print(command.help(defaults: presets, notes: notes))
      }
      try command.checkWords(given)
      try body(given)
    }
  }

  /// Returns a program that does nothing by itself: its first word must be that of a subcommand.
  ///
  /// - Parameter summary: What the subcommands are for, in lines of at most 80 columns.
  public init(_ name: String, _ summary: String, subcommands: [Subcommand]) {
    self.name = name
    self.subcommands = subcommands
    runItself = { arguments, print in
      guard let word = arguments.first, !["--help", "-h", "help"].contains(word) else {
        let more = "\(name) <command> --help says more of each."
        return print("\(summary)\n\nusage: \(name) <command> [arguments]\n\n\(Self.list(subcommands))\n\n\(more)")
      }
      let near = nearestName(to: word, among: subcommands.map(\.name), within: max(2, word.count / 3))
      let hint = near.map { "; did you mean '\($0)'?" } ?? "; \(name) --help lists them"
      throw UsageError("'\(word)' is not a command" + hint)
    }
  }

  /// Does what the arguments say.
  ///
  /// - Parameter print: What is called with help, and with what subcommands print.
  /// - Throws: `UsageError` for arguments that are not understood, and what the work throws.
  public func run(_ arguments: some Sequence<String>, print: (String) -> Void = { Swift.print($0) }) throws {
    let arguments = Array(arguments)
    if let chosen = subcommands.first(where: { $0.name == arguments.first }) {
      return try chosen.run(name, Array(arguments.dropFirst()), print)
    }
    try runItself(arguments, print)
  }

  private static func list(_ subcommands: [Subcommand]) -> String {
    let width = subcommands.map(\.name.count).max() ?? 0
    let lines = subcommands.map { subcommand in
      let start = "  " + subcommand.name + blanks(width - subcommand.name.count) + "  "
      return start + wrapped(subcommand.summary, indent: start.count).dropFirst(start.count)
    }
    return "commands:\n" + lines.joined(separator: "\n")
  }
}

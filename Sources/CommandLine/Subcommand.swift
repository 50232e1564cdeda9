/// One of the things that a program does, chosen by its first word: `espalier show`, `example-cifar10 generate`.
///
///     let count = Subcommand("count", "Counts records.", words: ["file"], defaults: NoOptions(), flags: []) {
///       words, _, print in print("\(try count(words[0])) records")
///     }
public struct Subcommand: Sendable {
  /// The word that chooses it.
  public let name: String
  /// What it does, in one line.
  public let summary: String
  let run: @Sendable (_ program: String, _ arguments: [String], _ print: (String) -> Void) throws -> Void

  /// Returns a subcommand that takes words and options; `--help` shows what it takes.
  ///
  /// - Parameters:
  ///   - words: As those of `Command`.
  ///   - defaults: The options that nothing is said of.
  ///   - notes: What else help has to say, after the options.
  ///   - body: Does the work; what is printed with its `print` goes where the output of the program goes.
  public init<Options: Sendable>(
    _ name: String, _ summary: String, words: [String] = [], defaults: Options, flags: [Flag<Options>],
    notes: String = "",
    body: @escaping @Sendable (_ words: [String], _ options: Options, _ print: (String) -> Void) throws -> Void
  ) {
    self.name = name
    self.summary = summary
    run = { program, arguments, print in
      let command = Command("\(program) \(name)", summary, words: words, flags: flags)
      let given = try command.parse(arguments)
      if given.wantsHelp { return print(command.help(defaults: [("default", defaults)], notes: notes)) }
      try command.checkWords(given)
      try body(given.words, try given.applied(to: defaults), print)
    }
  }
}

/// The options of a command that has none.
public struct NoOptions: Sendable {
  /// Returns no options.
  public init() {}
}

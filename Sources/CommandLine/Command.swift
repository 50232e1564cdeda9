import EspalierGraph

/// A program's command line: its options, what they mean, and how they are read.
///
///     let command = Command<Options>("train", "Trains a network.", flags: [Flag("steps", \.steps, "How many steps.")])
///     let given = try command.parse(CommandLine.arguments.dropFirst())
///     let options = try given.applied(to: Options())
public struct Command<Options: Sendable>: Sendable {
  /// What the user types to start it.
  public let name: String
  /// What it does, in one line or a few.
  public let summary: String
  /// What its words without dashes are called, in order; one that ends in `?` may be left out, and a last one that ends
  /// in `…` stands for any number of them.
  public let words: [String]
  /// Its options, in the order in which help shows them.
  public let flags: [Flag<Options>]

  /// Returns a command.
  public init(_ name: String, _ summary: String, words: [String] = [], flags: [Flag<Options>]) {
    self.name = name
    self.summary = summary
    self.words = words
    self.flags = flags
  }

  /// What a command line says.
  public struct Given: Sendable {
    fileprivate(set) var settings: [(flag: Flag<Options>, value: String)] = []
    /// The words without dashes that belong to no option.
    public fileprivate(set) var words: [String] = []
    /// Whether `--help` or `-h` is among the arguments.
    public internal(set) var wantsHelp = false

    /// Whether the command line is empty.
    public var isEmpty: Bool { settings.isEmpty && words.isEmpty && !wantsHelp }

    /// Returns whether this option is among the arguments.
    public func has(_ name: String) -> Bool { settings.contains { $0.flag.name == name } }

    /// Returns `defaults` with what the arguments say; of an option given twice, the last value.
    ///
    /// - Throws: `UsageError` for a value that its option does not take.
    public func applied(to defaults: Options) throws(UsageError) -> Options {
      var options = defaults
      for setting in settings { try setting.flag.set(&options, setting.value) }
      return options
    }
  }

  /// Returns what the arguments say: `--name value`, `--name=value`, `--switch`, `--no-switch`, `--help`; `-n value`
  /// and `--n value` for an option with the shorter name `n`.
  ///
  /// - Throws: `UsageError` for an unknown option, with the nearest known one, a missing value, or a stray word.
  public func parse(_ arguments: some Sequence<String>) throws(UsageError) -> Given {
    var given = Given()
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" {
        given.wantsHelp = true
      } else if argument.hasPrefix("--") && argument.count > 2 || isShort(argument) {
        given.settings.append(try setting(argument, &rest))
      } else if given.words.count < words.count || words.last?.hasSuffix("…") == true {
        given.words.append(argument)
      } else {
        throw UsageError("'\(argument)' is not an option; \(name) --help lists them")
      }
    }
    return given
  }

  /// Throws unless all words are there.
  ///
  /// - Throws: `UsageError` that names the first one that is missing.
  public func checkWords(_ given: Given) throws(UsageError) {
    let needed = words.filter { !$0.hasSuffix("…") && !$0.hasSuffix("?") }
    guard given.words.count < needed.count else { return }
    throw UsageError("<\(needed[given.words.count])> is missing; \(name) --help says what it is")
  }

  /// Returns whether the argument is the shorter name of an option behind one dash.
  private func isShort(_ argument: String) -> Bool {
    guard argument.hasPrefix("-"), let name = argument.dropFirst().split(separator: "=").first else { return false }
    return flags.contains { $0.shortName.map { $0 == name } ?? false }
  }

  private func setting(
    _ argument: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> (flag: Flag<Options>, value: String) {
    let parts = argument.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let word = String(parts[0]).replacing("_", with: "-")
    let inline = parts.count == 2 ? String(parts[1]) : nil
    if let flag = flags.first(where: { $0.isCalled(word) }) {
      return (flag, try value(of: flag, inline, &rest))
    }
    if word.hasPrefix("no-"), inline == nil {
      let positive = String(word.dropFirst(3))
      if let flag = flags.first(where: { $0.isSwitch && $0.isCalled(positive) }) { return (flag, "false") }
    }
    throw unknown(word)
  }

  private func value(
    of flag: Flag<Options>, _ inline: String?, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    if let inline { return inline }
    if flag.isSwitch {
      guard let next = rest.first, Flag<Options>.truth(next) != nil else { return "true" }
      rest.removeFirst()
      return next
    }
    guard let next = rest.popFirst() else { throw UsageError("--\(flag.name) needs a value") }
    return next
  }

  private func unknown(_ word: String) -> UsageError {
    let near = nearestName(to: word, among: flags.map(\.name), within: max(2, word.count / 4))
    let hint = near.map { "; did you mean --\($0)?" } ?? "; \(name) --help lists the options"
    return UsageError("unknown option --\(word)" + hint)
  }
}

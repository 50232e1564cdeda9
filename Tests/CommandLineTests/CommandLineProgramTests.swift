import EspalierCommandLine
import Synchronization
import Testing

private enum Pace: String, CaseIterable { case slow, fast }

private struct Options: Sendable, Equatable {
  var steps = 100
  var least: Int?
  var scopes = ["a", "b"]
  var units = [3, 4]
  var pace = Pace.slow
  var mood: Pace?
}

@Suite struct CommandLineProgramTests {
  private let command = Command<Options>(
    "train", "Trains.", words: ["data?"],
    flags: [
      Flag("steps", \.steps, atLeast: 1, "How many steps."), Flag("least", \.least, atLeast: 5, "At least five."),
      Flag("scopes", \.scopes, "Scopes."), Flag("units", \.units, atLeast: 0, "Units."),
      Flag("pace", \.pace, "How fast."), Flag("mood", \.mood, "How fast it feels."),
    ])
  private let count = Subcommand("count", "Counts.", words: ["file"], defaults: Options(), flags: []) {
    words, _, print in print("counted \(words[0])")
  }

  /// Runs a program; returns what it printed, and the options and words that its own command was given.
  private func run(
    _ arguments: [String], subcommands: [Subcommand]? = nil
  ) throws -> (lines: [String], given: (Options, [String])?) {
    let given = Mutex<(Options, [String])?>(nil)
    let program = CommandLineProgram(command, defaults: Options(), subcommands: subcommands ?? [count]) { words in
      let options = try words.applied(to: Options())
      given.withLock { $0 = (options, words.words) }
    }
    var lines: [String] = []
    try program.run(arguments) { lines.append($0) }
    return (lines, given.withLock { $0 })
  }

  @Test func theFirstWordChooses() throws {
    #expect(try run(["count", "x"]).lines == ["counted x"])
    #expect(try run(["count", "x"]).given == nil)
    #expect(try run(["--steps", "3"]).given?.0.steps == 3)
    #expect(try run(["digits", "--steps", "3"]).given?.1 == ["digits"])
    #expect(try run([]).given?.1 == [])
    #expect(throws: UsageError("<file> is missing; train count --help says what it is")) { try run(["count"]) }
    #expect(throws: UsageError("'y' is not an option; train --help lists them")) { try run(["x", "y"]) }
  }

  @Test func helpListsSubcommandsAndDoesNothing() throws {
    let help = try run(["--help"])
    #expect(help.given == nil)
    let text = try #require(help.lines.first)
    #expect(text.contains("usage: train [data] [options]"))
    #expect(text.hasSuffix("\ncommands:\n  count  Counts.\n"))
    #expect(try run(["--help"], subcommands: []).lines.first?.contains("commands:") == false)
    let own = try #require(try run(["count", "--help"]).lines.first)
    #expect(own.contains("usage: train count <file>\n"))
  }

  @Test func longSummariesAreWrapped() throws {
    let summary = String(repeating: "word ", count: 40)
    let long = Subcommand("long", summary, defaults: NoOptions(), flags: []) { _, _, _ in }
    let text = try #require(try run(["-h"], subcommands: [count, long]).lines.first)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(text.contains("  long   word") && text.contains("\n         word"))
  }

  @Test func programsOfSubcommandsNeedOne() throws {
    let program = CommandLineProgram("tool", "Does things.", subcommands: [count])
    var lines: [String] = []
    try program.run(["help"]) { lines.append($0) }
    let expected = """
      Does things.

      usage: tool <command> [arguments]

      commands:
        count  Counts.

      tool <command> --help says more of each.
      """
    #expect(lines == [expected])
    #expect(throws: UsageError("'cont' is not a command; did you mean 'count'?")) { try program.run(["cont"]) }
    #expect(throws: UsageError("'xyzxyz' is not a command; tool --help lists them")) { try program.run(["xyzxyz"]) }
  }

  @Test func presetsAreShownByTheirTitles() throws {
    let program = CommandLineProgram(command, presets: [("few", Options(steps: 3)), ("many", Options())]) { _ in }
    var lines: [String] = []
    try program.run(["--help"]) { lines.append($0) }
    #expect(lines.first?.contains("(few: 3, many: 100)") == true)
    #expect(lines.first?.contains("--scopes <text,…>\n      Scopes. (default: a,b)") == true)
    #expect(lines.first?.contains("--pace <slow|fast>\n      How fast. (default: slow)") == true)
    #expect(lines.first?.contains("--mood <slow|fast>\n      How fast it feels. (default: none)") == true)
  }

  @Test func valuesHaveTypes() throws {
    let arguments = ["--least", "5", "--scopes", "x,y,z", "--units=0,7", "--pace", "fast", "--mood=slow"]
    let options = try run(arguments).given?.0
    #expect(options == Options(least: 5, scopes: ["x", "y", "z"], units: [0, 7], pace: .fast, mood: .slow))
    #expect(try run(["--scopes", "", "--units", ""]).given?.0 == Options(scopes: [], units: []))
  }

  @Test(arguments: [
    (["--steps", "0"], "--steps must be a positive integer, not 0"),
    (["--units", "1,-2"], "--units must not be negative, but is -2"),
    (["--units", "1,x"], "--units must be a whole number, not 'x'"),
    (["--least", "4"], "--least must be at least 5, not 4"),
    (["--pace", "medium"], "--pace must be one of slow, fast, not 'medium'"),
    (["--mood", ""], "--mood must be one of slow, fast, not ''"),
  ]) func valuesOutOfRangeAreRefused(arguments: [String], message: String) {
    #expect(throws: UsageError(message)) { try run(arguments) }
  }

  @Test func checksThrowTheirText() throws {
    try UsageError.check(true, "never")
    #expect(throws: UsageError("always")) { try UsageError.check(false, "always") }
  }
}

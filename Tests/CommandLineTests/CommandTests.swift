import EspalierCommandLine
import Testing

private struct Options: Sendable, Equatable {
  var dataDir = "."
  var steps = 100
  var rate = 0.1
  var sync = false
  var strategy = "CPU"
}

@Suite struct CommandTests {
  private let command = Command<Options>(
    "train", "Trains.",
    flags: [
      Flag("data-dir", \.dataDir, "Where the data is."), Flag("train-steps", \.steps, "How many steps."),
      Flag("learning-rate", \.rate, "The rate."), Flag("sync", \.sync, "Whether to wait."),
      Flag("variable-strategy", \.strategy, choices: ["CPU", "GPU"], "Where variables are."),
    ])

  private func parse(_ arguments: String...) throws -> Options {
    try command.parse(arguments).applied(to: Options())
  }

  @Test func valuesFollowTheirNames() throws {
    let options = try parse("--data-dir", "/d", "--train-steps=7", "--learning_rate", "1e-3", "--sync")
    #expect(options == Options(dataDir: "/d", steps: 7, rate: 1e-3, sync: true, strategy: "CPU"))
    #expect(try parse("--sync", "False", "--variable-strategy", "GPU").strategy == "GPU")
    #expect(try parse("--sync", "--no-sync").sync == false)
    #expect(try parse("--train-steps", "-1").steps == -1)
  }

  @Test(arguments: [
    (["--train-step", "3"], "unknown option --train-step; did you mean --train-steps?"),
    (["--xyz"], "unknown option --xyz; train --help lists the options"),
    (["--train-steps"], "--train-steps needs a value"),
    (["--train-steps", "many"], "--train-steps must be a whole number, not 'many'"),
    (["--learning-rate=nan"], "--learning-rate must be a number, not 'nan'"),
    (["--variable-strategy=TPU"], "--variable-strategy must be one of CPU, GPU, not 'TPU'"),
    (["stray"], "'stray' is not an option; train --help lists them"),
  ]) func misuseIsExplained(arguments: [String], message: String) {
    let error = #expect(throws: UsageError.self) { try command.parse(arguments).applied(to: Options()) }
    #expect(error?.description == message)
  }

  @Test func helpFitsATerminal() throws {
    #expect(try command.parse(["--help"]).wantsHelp)
    let help = command.help(defaults: [("quick", Options()), ("full", Options(steps: 80_000))])
    #expect(help.contains("--train-steps <n>\n      How many steps. (quick: 100, full: 80000)"))
    #expect(help.contains("(default: 0.1)"))
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }
}

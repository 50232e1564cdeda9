import EspalierCommandLine
import EspalierFormats

/// The program `espalier`: a word that says what to do, and what to do it with.
public enum Tool {
  private static let program = CommandLineProgram(
    "espalier",
    """
    Looks into the files of models and trainings, runs models, and says what the
    machine offers.
    """,
    subcommands: [
      .inspectCheckpoint, .inspectEvents, .inspectRecords, .report, .show, .run, .freeze, .summarizeGraph, .doctor,
    ])

  /// Does what the arguments say; returns the status with which the program exits.
  ///
  /// - Parameters:
  ///   - print: What is called with each line of results.
  ///   - complain: What is called with what is wrong.
  public static func run(_ arguments: [String], print: (String) -> Void, complain: (String) -> Void) -> Int32 {
    do {
      try program.run(arguments, print: print)
      return arguments.isEmpty ? UsageError.status : 0
    } catch let error as UsageError {
      complain("espalier: \(error)")
      return UsageError.status
    } catch {
      complain("espalier: \(error)")
      return (error as? FormatError)?.exitCode ?? 1
    }
  }
}

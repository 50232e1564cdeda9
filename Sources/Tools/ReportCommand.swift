import EspalierCommandLine
import EspalierEstimator
import EspalierFormats

extension Subcommand {
  private struct ReportOptions: Sendable {
    var output = ""
  }

  /// Writes the page about a training.
  static let report = Subcommand(
    "report", "Writes the page about a training: its curves and files.", words: ["directory"],
    defaults: ReportOptions(),
    flags: [Flag("output", \.output, "Where to; by default report.html in the directory.")],
    notes: "<directory> is the model directory of the training."
  ) { words, options, print in
    let report = try TrainingReport(modelDir: words[0])
    guard report.hasCurves else {
      throw FormatError(.notFound, file: words[0], "there are no curves: no event file of a training or evaluation")
    }
    print(try report.write(to: options.output.isEmpty ? nil : options.output))
  }
}

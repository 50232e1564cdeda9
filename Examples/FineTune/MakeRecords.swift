import Espalier

/// Turns folders of images into records: `example-finetune make-records --data-dir data/cats --output-dir data/records`.
enum MakeRecords {
  struct Options: Sendable {
    var dataDir = ""
    var outputDir = "data/records"

    static let command = Command<Options>(
      "example-finetune make-records",
      "Turns folders of images, one for each kind, in training_set and test_set into train.record and val.record.",
      flags: [
        Flag("data-dir", \.dataDir, "The folder that holds training_set and test_set."),
        Flag("output-dir", \.outputDir, "Where the records go."),
      ])
  }

  static func run(_ arguments: [String]) throws {
    let given = try Options.command.parse(arguments)
    if given.wantsHelp { return print(Options.command.help(defaults: [("default", Options())])) }
    let options = try given.applied(to: Options())
    guard !options.dataDir.isEmpty else { throw UsageError("--data-dir must say where the images are") }
    for (part, name) in [("training_set", "train"), ("test_set", "val")] {
      let output = "\(options.outputDir)/\(name).record"
      print("\(output): \(try Slim.writeRecords(ofImagesIn: "\(options.dataDir)/\(part)", to: output)) images")
    }
  }
}

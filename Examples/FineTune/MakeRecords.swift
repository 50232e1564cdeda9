import Espalier

/// What `example-finetune make-records` can be told.
struct MakeRecordsOptions: Sendable {
  var dataDir = ""
  var outputDir = "data/records"
}

extension Subcommand {
  /// `example-finetune make-records --data-dir data/cats --output-dir data/records`.
  static let makeRecords = Subcommand(
    "make-records",
    "Turns folders of images, one for each kind, in training_set and test_set into train.record and val.record.",
    defaults: MakeRecordsOptions(),
    flags: [
      Flag("data-dir", \.dataDir, "The folder that holds training_set and test_set."),
      Flag("output-dir", \.outputDir, "Where the records go."),
    ]
  ) { _, options, print in
    try UsageError.check(!options.dataDir.isEmpty, "--data-dir must say where the images are")
    for (part, name) in [("training_set", "train"), ("test_set", "val")] {
      let output = "\(options.outputDir)/\(name).record"
      print("\(output): \(try Slim.writeRecords(ofImagesIn: "\(options.dataDir)/\(part)", to: output)) images")
    }
  }
}

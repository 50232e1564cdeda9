import Espalier
import Foundation

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
      let count = try convert("\(options.dataDir)/\(part)", to: "\(options.outputDir)/\(name).record")
      print("\(options.outputDir)/\(name).record: \(count) images")
    }
  }

  /// Writes the images below a folder, whose folders are the kinds in alphabetical order; returns how many there are.
  static func convert(_ folder: String, to output: String) throws -> Int {
    func names(_ path: String) throws -> [String] {
      guard let all = try? FileManager.default.contentsOfDirectory(atPath: path) else {
        throw ResNetError("\(path) is not there")
      }
      return all.filter { !$0.hasPrefix(".") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    }
    let directory = URL(fileURLWithPath: output).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let writer = try TFRecordWriter(path: output + ".partial")
    var files = try names(folder).enumerated().flatMap { label, kind in
      try names("\(folder)/\(kind)").map { (label: label, path: "\(folder)/\(kind)/\($0)") }
    }
    // Mixed once, so that records that are read in order are mixed too.
    var random = ElementRandom(seed: 1, element: 0)
    files.shuffle(using: &random)
    for (label, path) in files {
      guard let image = FileManager.default.contents(atPath: path) else { throw ResNetError("\(path) cannot be read") }
      let format = URL(fileURLWithPath: path).pathExtension.lowercased()
      let example = Example(features: [
        "image/encoded": .bytes([[UInt8](image)]),
        "image/format": .bytes([Array((format == "jpg" ? "jpeg" : format).utf8)]),
        "image/class/label": .int64([Int64(label)]),
      ])
      try writer.write(example.serialized())
    }
    try writer.close()
    guard rename(output + ".partial", output) == 0 else { throw ResNetError("cannot rename \(output).partial") }
    return files.count
  }
}

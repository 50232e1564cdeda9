import Espalier
import ExampleDrawings
import Foundation

/// Reads the CIFAR-10 archive and writes a TFRecord file for training, validation and evaluation:
/// `swift run example-cifar10 generate --data-dir data/cifar10 --download`.
enum GenerateTFRecords {
  static let archive = "cifar-10-python.tar.gz"
  static let subsets = [
    (name: "train", batches: (1...4).map { "data_batch_\($0)" }),
    (name: "validation", batches: ["data_batch_5"]),
    (name: "eval", batches: ["test_batch"]),
  ]

  struct Options: Sendable {
    var dataDir = ""
    var download = false
    var url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    var sha256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"

    static let command = Command<Options>(
      "example-cifar10 generate", "Makes TFRecords from the CIFAR-10 archive.",
      flags: [
        Flag("data-dir", \.dataDir, "The folder that holds \(archive), and that the TFRecords go to."),
        Flag("download", \.download, "Whether to fetch the archive first, with the program curl."),
        Flag("url", \.url, "Where to fetch it from."),
        Flag("sha256", \.sha256, "The checksum that the fetched archive must have."),
      ])
  }

  static func run(_ arguments: [String]) throws {
    let given = try Options.command.parse(arguments)
    if given.wantsHelp { return print(Options.command.help(defaults: [("default", Options())])) }
    let options = try given.applied(to: Options())
    if options.download, !isThere(archive, in: options.dataDir) { try Download.run(options) }
    try convert(options.dataDir)
  }

  /// Makes TFRecords where there are none: from the archive, or from drawings in its format if `draws` says so.
  static func prepare(_ dataDir: String, draws: Bool) throws {
    if subsets.allSatisfy({ isThere($0.name + ".tfrecords", in: dataDir) }) { return }
    if !isThere(archive, in: dataDir) {
      guard draws else {
        throw DataError(
          "\(dataDir) holds neither CIFAR-10's TFRecords nor its archive; "
            + "`example-cifar10 generate --data-dir \(dataDir) --download` fetches it")
      }
      print("No CIFAR-10 archive in \(dataDir): drawing a stand-in of ten kinds of shapes in its format.")
      try drawCifarArchive(at: path(archive, in: dataDir))
    }
    try convert(dataDir)
  }

  private static func isThere(_ name: String, in dataDir: String) -> Bool {
    FileManager.default.fileExists(atPath: path(name, in: dataDir))
  }

  /// Converts the archive in `dataDir`.
  private static func convert(_ dataDir: String) throws {
    let batches = try CifarArchive.batches(path: path(archive, in: dataDir))
    for subset in subsets {
      let output = path(subset.name + ".tfrecords", in: dataDir)
      print("Generating \(output)")
      let chosen = try subset.batches.map { name in
        guard let batch = batches[name] else { throw DataError("the archive in \(dataDir) holds no \(name)") }
        return batch
      }
      try CifarBatch.writeRecords(chosen, to: output)
    }
    print("Done!")
  }

  private static func path(_ name: String, in dataDir: String) -> String {
    dataDir.isEmpty ? name : dataDir + "/" + name
  }
}

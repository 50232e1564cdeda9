import Espalier
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
    if options.download, !hasArchive(in: options.dataDir) { try Download.run(options) }
    try convert(options.dataDir)
  }

  static func hasArchive(in dataDir: String) -> Bool {
    FileManager.default.fileExists(atPath: path(archive, in: dataDir))
  }

  /// Converts the archive in `dataDir`.
  static func convert(_ dataDir: String) throws {
    let batches = try CifarArchive.batches(path: path(archive, in: dataDir))
    for subset in subsets {
      let output = path(subset.name + ".tfrecords", in: dataDir)
      print("Generating \(output)")
      let chosen = try subset.batches.map { name in
        guard let batch = batches[name] else { throw DataError("the archive in \(dataDir) holds no \(name)") }
        return batch
      }
      try convert(chosen, to: output)
    }
    print("Done!")
  }

  /// Writes the images of the batches as `Example`s of `image`, 3072 bytes plane by plane, and `label`.
  private static func convert(_ batches: [CifarBatch], to output: String) throws {
    // Under another name until it is whole, so that an interrupted conversion leaves nothing that looks finished.
    let partial = output + ".partial"
    let writer = try TFRecordWriter(path: partial)
    for batch in batches {
      for row in 0..<batch.count {
        let example = Example(features: [
          "image": .bytes([Array(batch.image(row))]), "label": .int64([Int64(batch.labels[row])]),
        ])
        try writer.write(example.serialized())
      }
    }
    try writer.close()
    guard rename(partial, output) == 0 else { throw DataError("cannot rename \(partial) to \(output)") }
  }

  /// Draws a stand-in for the archive: five training batches and a test batch.
  static func drawArchive(in dataDir: String, imagesPerBatch: Int = 1000, seed: UInt64 = 10) throws {
    try FileManager.default.createDirectory(atPath: dataDir, withIntermediateDirectories: true)
    var drawings = SyntheticImages(seed: seed)
    let batches = try subsets.flatMap(\.batches).map { name in
      let labels = (0..<imagesPerBatch).map { UInt8($0 * 7 % SyntheticImages.classCount) }
      return try CifarBatch(name: name, labels: labels, pixels: labels.flatMap { drawings.image(ofClass: Int($0)) })
    }
    try CifarArchive.write(batches, to: path(archive, in: dataDir))
  }

  private static func path(_ name: String, in dataDir: String) -> String {
    dataDir.isEmpty ? name : dataDir + "/" + name
  }
}

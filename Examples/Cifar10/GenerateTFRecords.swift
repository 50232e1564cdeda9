import Espalier
import ExampleDrawings

/// What `example-cifar10 generate` can be told.
struct GenerateOptions: Sendable {
  var dataDir = ""
  var download = false
  var url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
  var sha256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"

  var archive: String { FilePath.join(dataDir, CifarArchive.fileName) }
}

extension Subcommand {
  /// `swift run example-cifar10 generate --data-dir data/cifar10 --download`.
  static let generate = Subcommand(
    "generate", "Makes TFRecords from the CIFAR-10 archive.", defaults: GenerateOptions(),
    flags: [
      Flag("data-dir", \.dataDir, "The folder that holds \(CifarArchive.fileName), and that the TFRecords go to."),
      Flag("download", \.download, "Whether to fetch the archive first, with the program curl."),
      Flag("url", \.url, "Where to fetch it from."),
      Flag("sha256", \.sha256, "The checksum that the fetched archive must have."),
    ]
  ) { _, options, print in
    if options.download, !Files.exist(at: options.archive) {
      print("Download from \(options.url) and extract.")
      try Files.download(options.url, to: options.archive, sha256: options.sha256)
    }
    try generateRecords(from: options.archive, to: options.dataDir)
  }
}

/// Makes TFRecords where there are none: from the archive, or from drawings in its format if `draws` says so.
func prepareRecords(in dataDir: String, draws: Bool) throws {
  if Cifar10Dataset.recordsExist(in: dataDir) { return }
  let archive = GenerateOptions(dataDir: dataDir).archive
  if draws, !Files.exist(at: archive) {
    print("No CIFAR-10 archive in \(dataDir): drawing a stand-in of ten kinds of shapes in its format.")
    try drawCifarArchive(at: archive)
  }
  guard Files.exist(at: archive) else {
    throw DataError(
      "\(dataDir) holds neither CIFAR-10's TFRecords nor its archive; "
        + "`example-cifar10 generate --data-dir \(dataDir) --download` fetches it")
  }
  try generateRecords(from: archive, to: dataDir)
}

private func generateRecords(from archive: String, to dataDir: String) throws {
  try Cifar10Dataset.writeRecords(ofArchive: archive, to: dataDir) { file in print("Generating \(file)") }
  print("Done!")
}

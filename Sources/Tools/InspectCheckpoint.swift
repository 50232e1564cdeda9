import EspalierCommandLine
import EspalierFormats
import EspalierGraph

extension Subcommand {
  private struct Options: Sendable {
    var tensor = ""
    var verify = false
  }

  /// Lists the tensors of a checkpoint, or prints one.
  static let inspectCheckpoint = Subcommand(
    "inspect-checkpoint", "Lists the tensors of a checkpoint, or prints one.", words: ["checkpoint"],
    defaults: Options(),
    flags: [
      Flag("tensor", \.tensor, "The tensor whose values are printed."),
      Flag("verify", \.verify, "Whether all data are read and compared with their checksums."),
    ],
    notes: "<checkpoint> is the path of its files up to .index, or a directory, of which the\nlatest one is meant."
  ) { words, options, print in
    let reader = try CheckpointReader(prefix: try prefix(words[0]))
    if !options.tensor.isEmpty {
      let tensor = try reader.tensor(named: options.tensor)
      print("\(options.tensor)  \(tensor.type)")
      print("\(tensor)")
      return
    }
    if options.verify { try reader.verify() }
    let variables = reader.variables
    for line in columns(variables.map { [$0.name, "\($0.dataType)", "\(Shape($0.shape))"] }) { print(line) }
    let elements = variables.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let bytes = variables.reduce(0) { $0 + $1.shape.reduce(1, *) * ($1.dataType.size ?? 0) }
    let sound = options.verify ? ", all checksums right" : ""
    print("\(reader.prefix): \(variables.count) tensors, \(grouped(elements)) elements, \(size(bytes))\(sound)")
  }

  private static func prefix(_ path: String) throws -> String {
    let files = LocalFileSystem()
    if files.exists(CheckpointFiles.index(path)) { return path }
    if path.hasSuffix(".index") { return String(path.dropLast(6)) }
    if let latest = try? latestCheckpoint(in: path) { return latest }
    throw FormatError(.notFound, file: path, "there is no checkpoint of this name, and none in a directory of it")
  }
}

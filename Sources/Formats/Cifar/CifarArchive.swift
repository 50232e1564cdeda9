/// The CIFAR-10 archive for Python, `cifar-10-python.tar.gz`: read in one pass, without unpacking it to the disk.
///
///     let archive = try CifarArchive(path: "cifar-10-python.tar.gz")
///     while let batch = try archive.next() { print(batch.name, batch.count) }
///
/// The directory `cifar-10-batches-py` that the archive unpacks to is read too.
///
/// Source: cs.toronto.edu/~kriz/cifar.html, "CIFAR-10 python version".
public final class CifarArchive {
  /// What the archive is called.
  public static let fileName = "cifar-10-python.tar.gz"
  /// The directory inside the archive.
  public static let directory = "cifar-10-batches-py"
  /// The files of images in it: five to train, one to evaluate.
  public static let batchNames = (1...5).map { "data_batch_\($0)" } + ["test_batch"]

  private enum Members {
    case archive(TarReader)
    case directory(String, rest: [String])
  }

  private let path: String
  private var members: Members

  /// Opens the archive (`.tar.gz` or `.tar`), or the directory it unpacks to.
  ///
  /// - Throws: `FormatError` if there is none, or if it is compressed and zlib is not installed.
  public init(path: String) throws(FormatError) {
    let fileSystem = LocalFileSystem()
    self.path = path
    if let present = Self.batches(in: path, fileSystem) {
      members = .directory(path, rest: present)
      return
    }
    let file = FileSource(try fileSystem.openFile(path))
    let isCompressed = path.hasSuffix(".gz") || path.hasSuffix(".tgz")
    members = .archive(TarReader(isCompressed ? try file.gunzipped() : file))
  }

  private static func batches(in path: String, _ fileSystem: LocalFileSystem) -> [String]? {
    guard let names = try? fileSystem.names(inDirectory: path) else { return nil }
    return batchNames.filter(names.contains)
  }

  /// Returns the next file of images, in the order in which they lie in the archive; nil after the last one.
  ///
  /// - Throws: `FormatError` if the archive or a file in it is damaged.
  public func next() throws(FormatError) -> CifarBatch? {
    switch members {
    case .archive(let tar):
      while let entry = try tar.next() {
        let name = FilePath.name(of: entry.name)
        guard Self.batchNames.contains(name) else { continue }
        return try CifarBatch(pickle: tar.contents(), name: name, file: "\(path): \(entry.name)")
      }
      return nil
    case .directory(let directory, let rest):
      guard let name = rest.first else { return nil }
      members = .directory(directory, rest: Array(rest.dropFirst()))
      let file = FilePath.join(directory, name)
      return try CifarBatch(pickle: LocalFileSystem().contents(of: file), name: name, file: file)
    }
  }

  /// Returns all files of images by name.
  ///
  /// - Throws: `FormatError` if the archive cannot be read, or lacks one of `batchNames`.
  public static func batches(path: String) throws(FormatError) -> [String: CifarBatch] {
    let archive = try CifarArchive(path: path)
    var batches: [String: CifarBatch] = [:]
    while let batch = try archive.next() { batches[batch.name] = batch }
    if let missing = batchNames.first(where: { batches[$0] == nil }) {
      throw FormatError(.notFound, file: path, "the archive has no file \(missing)")
    }
    return batches
  }

  /// Writes an archive in the official format; after a crash the old or the whole new one is there.
  ///
  /// - Parameters:
  ///   - batches: The files of images, in the order in which they will lie in the archive.
  ///   - path: The file, usually called `cifar-10-python.tar.gz`. It is compressed if zlib is installed.
  /// - Throws: `FormatError` if it cannot be written.
  public static func write(_ batches: [CifarBatch], to path: String) throws(FormatError) {
    let fileSystem = LocalFileSystem()
    try fileSystem.createDirectory(FilePath.directory(of: path))
    let temporary = TemporaryName.of(path)
    do {
      // The time is that of the official archive, so that equal batches give equal bytes.
      let tar = TarWriter(try fileSystem.createFile(temporary, exclusively: false).gzipped(), time: 1_244_000_000)
      try tar.writeDirectory(directory)
      for batch in batches { try tar.write("\(directory)/\(batch.name)", batch.pickled(title: title(of: batch.name))) }
      try tar.write("\(directory)/batches.meta", metadata())
      try tar.close()
      try fileSystem.rename(temporary, to: path)
      try fileSystem.synchronizeDirectory(FilePath.directory(of: path))
    } catch {
      try? fileSystem.remove(temporary)
      throw error
    }
  }

  private static func title(of name: String) -> String {
    let number = name.last.flatMap(\.wholeNumberValue)
    return number.map { "training batch \($0) of 5" } ?? "testing batch 1 of 1"
  }

  /// Returns the file `batches.meta`.
  static func metadata() -> [UInt8] {
    var writer = PickleWriter()
    writer.dictionary { dictionary in
      dictionary.string("num_cases_per_batch")
      dictionary.int(10_000)
      dictionary.string("label_names")
      dictionary.list(CifarBatch.classNames) { $0.string($1) }
      dictionary.string("num_vis")
      dictionary.int(CifarBatch.imageSize)
    }
    return writer.finished()
  }
}

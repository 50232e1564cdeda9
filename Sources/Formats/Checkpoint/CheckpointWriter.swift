import EspalierGraph

/// Writes checkpoints that TensorFlow reads: an index and one data file or several.
///
///     try CheckpointWriter().write(["global_step": HostTensor(Int64(7))], prefix: "run/model.ckpt-7")
///
/// Equal tensors give equal bytes. A crash at any moment leaves no half checkpoint behind: both files get their names
/// when their bytes are on the disk, the data first.
///
/// Source: `tf.raw_ops.SaveV2`, `BundleWriter` in `tensorflow/core/util/tensor_bundle`.
public struct CheckpointWriter: Sendable {
  private let fileSystem: any FileSystem

  /// Returns a writer of files of this machine.
  public init() {
    self.init(fileSystem: LocalFileSystem())
  }

  package init(fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// Writes a checkpoint, replacing one of the same name.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name.
  ///   - partitioned: Tensors that are written in parts, by name.
  ///   - prefix: The path of the files up to `.index`. Directories above it are made.
  ///   - shardCount: The number of data files, among which the tensors are spread evenly. Default: 1.
  /// - Throws: `FormatError` if a file cannot be written; nothing but temporary files is changed before all bytes are
  ///   on the disk.
  public func write(
    _ tensors: [String: HostTensor], partitioned: [String: PartitionedTensor] = [:], prefix: String,
    shardCount: Int = 1
  ) throws(FormatError) {
    let directory = FilePath.directory(of: prefix)
    try fileSystem.createDirectory(directory)
    let count = max(1, shardCount)
    let data = (0..<count).map { CheckpointFiles.shard($0, of: count, prefix) }
    let index = CheckpointFiles.index(prefix)
    do {
      let items = try Self.items(tensors, partitioned, file: index)
      let table = try writeData(items, data.map { TemporaryName.of($0) })
      try writeFile(table, TemporaryName.of(index))
      // An index beside data that are not its own could not be told from damage; without it there is no checkpoint.
      if fileSystem.exists(index), (try? fileSystem.contents(of: index)) != table {
        try fileSystem.remove(index)
        try fileSystem.synchronizeDirectory(directory)
      }
      for file in data { try fileSystem.rename(TemporaryName.of(file), to: file) }
      // Not every file system keeps renames in order: an index must not be seen before its data.
      try fileSystem.synchronizeDirectory(directory)
      try fileSystem.rename(TemporaryName.of(index), to: index)
      try fileSystem.synchronizeDirectory(directory)
    } catch {
      for file in data { try? fileSystem.remove(TemporaryName.of(file)) }
      try? fileSystem.remove(TemporaryName.of(index))
      throw error.kind == .resourceExhausted ? withNeed(error, tensors, partitioned, directory) : error
    }
  }

  /// Returns the error of a full disk with how much space is wanted and not there.
  private func withNeed(
    _ error: FormatError, _ tensors: [String: HostTensor], _ partitioned: [String: PartitionedTensor],
    _ directory: String
  ) -> FormatError {
    let all = Array(tensors.values) + partitioned.values.flatMap { $0.parts.map(\.value) }
    let needed = all.reduce(0) { $0 + Self.size($1) }
    guard let space = fileSystem.space(inDirectory: directory) else { return error }
    let missing = space.missing([needed, TableFormat.footerSize])
    return FormatError(
      error.kind, file: error.file, offset: error.offset,
      "\(error.message): the checkpoint takes \(needed) bytes and its index, \(space.available) are left, "
        + "\(missing) are missing")
  }

  /// Returns how many bytes a tensor takes in a data file.
  private static func size(_ tensor: HostTensor) -> Int {
    guard let strings = try? tensor.strings() else { return tensor.count * (tensor.dataType.size ?? 0) }
    var lengths: [UInt8] = []
    for string in strings { lengths.append(varint: UInt64(string.count)) }
    return lengths.count + 4 + strings.reduce(0) { $0 + $1.count }
  }

  /// What the index has under a key: a tensor, or where the parts of one are.
  private struct Item {
    let key: [UInt8]
    var entry: BundleEntry
    let tensor: HostTensor?
  }

  /// Returns all that the index has, by key.
  private static func items(
    _ tensors: [String: HostTensor], _ partitioned: [String: PartitionedTensor], file: String
  ) throws(FormatError) -> [Item] {
    var items: [Item] = []
    for (name, tensor) in tensors {
      items.append(Item(key: try key(name, file), entry: entry(tensor.dataType, tensor.shape), tensor: tensor))
    }
    for (name, whole) in partitioned {
      try whole.check(name, file: file)
      guard let first = whole.parts.first, tensors[name] == nil else {
        throw FormatError(.invalidArgument, file: file, "\(name) has no parts, or is another tensor too")
      }
      var all = Item(key: try key(name, file), entry: entry(first.value.dataType, whole.shape), tensor: nil)
      for part in whole.parts {
        let slice = TensorSlice(part)
        all.entry.slices.append(slice)
        items.append(
          Item(
            key: OrderedCode.key(of: all.key, slice: slice), entry: entry(part.value.dataType, part.value.shape),
            tensor: part.value))
      }
      items.append(all)
    }
    return items.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  private static func entry(_ dataType: DataType, _ shape: [Int]) -> BundleEntry {
    BundleEntry(dataType: dataType, shape: shape, offset: 0)
  }

  private static func key(_ name: String, _ file: String) throws(FormatError) -> [UInt8] {
    let key = Array(name.utf8)
    guard let first = key.first, first != 0 else {
      throw FormatError(.invalidArgument, file: file, "a tensor's name is empty or starts with a zero byte")
    }
    return key
  }

  /// Writes the data files; returns the index.
  private func writeData(_ items: [Item], _ paths: [String]) throws(FormatError) -> [UInt8] {
    var table = TableWriter()
    table.append(key: [], value: BundleHeader(shardCount: paths.count).serialized())
    let files = try paths.map { path throws(FormatError) in try fileSystem.createFile(path, exclusively: false) }
    var offsets = [Int](repeating: 0, count: paths.count)
    for item in items {
      var entry = item.entry
      if let tensor = item.tensor {
        // Each goes where least is.
        let shard = offsets.indices.min { offsets[$0] < offsets[$1] } ?? 0
        (entry.shard, entry.offset) = (shard, offsets[shard])
        (entry.size, entry.checksum) = try Self.write(tensor, to: files[shard])
        offsets[shard] += entry.size
      }
      table.append(key: item.key, value: entry.serialized())
    }
    for file in files {
      try file.synchronize()
      try file.close()
    }
    return table.finish()
  }

  /// Writes the bytes of a tensor; returns their number and masked checksum.
  private static func write(
    _ tensor: HostTensor, to file: any WritableFile
  ) throws(FormatError) -> (size: Int, checksum: UInt32) {
    if let strings = try? tensor.strings() { return try write(strings, to: file) }
    return try tensor.withUnsafeBytes { bytes throws(FormatError) in
      try file.write(bytes)
      return (bytes.count, Checksum.masked(Checksum.extend(0, bytes)))
    }
  }

  private static func write(
    _ strings: [[UInt8]], to file: any WritableFile
  ) throws(FormatError) -> (size: Int, checksum: UInt32) {
    var bytes: [UInt8] = []
    var checksum: UInt32 = 0
    for string in strings {
      bytes.append(varint: UInt64(string.count))
      checksum = StringChecksum.extend(checksum, length: string.count)
    }
    let lengthChecksum = Checksum.masked(checksum)
    bytes.append(littleEndian: lengthChecksum)
    checksum = StringChecksum.extend(checksum, lengthChecksum)
    for string in strings {
      bytes += string
      checksum = string.withUnsafeBytes { Checksum.extend(checksum, $0) }
    }
    try file.write(bytes)
    return (bytes.count, Checksum.masked(checksum))
  }

  private func writeFile(_ bytes: [UInt8], _ path: String) throws(FormatError) {
    let file = try fileSystem.createFile(path, exclusively: false)
    try file.write(bytes)
    try file.synchronize()
    try file.close()
  }
}

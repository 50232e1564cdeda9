import EspalierGraph

/// Writes checkpoints that TensorFlow reads: an index and one data file.
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
  ///   - prefix: The path of the files up to `.index`. Directories above it are made.
  /// - Throws: `FormatError` if a file cannot be written; nothing but temporary files is changed before all bytes are
  ///   on the disk.
  public func write(_ tensors: [String: HostTensor], prefix: String) throws(FormatError) {
    let directory = FilePath.directory(of: prefix)
    try fileSystem.createDirectory(directory)
    let data = CheckpointFiles.shard(0, of: 1, prefix)
    let index = CheckpointFiles.index(prefix)
    do {
      let table = try writeData(tensors, TemporaryName.of(data))
      try writeFile(table, TemporaryName.of(index))
      // An index beside data that are not its own could not be told from damage; without it there is no checkpoint.
      if fileSystem.exists(index), (try? fileSystem.contents(of: index)) != table {
        try fileSystem.remove(index)
        try fileSystem.synchronizeDirectory(directory)
      }
      try fileSystem.rename(TemporaryName.of(data), to: data)
      // Not every file system keeps renames in order: an index must not be seen before its data.
      try fileSystem.synchronizeDirectory(directory)
      try fileSystem.rename(TemporaryName.of(index), to: index)
      try fileSystem.synchronizeDirectory(directory)
    } catch {
      try? fileSystem.remove(TemporaryName.of(data))
      try? fileSystem.remove(TemporaryName.of(index))
      throw error
    }
  }

  /// Writes the data file; returns the index.
  private func writeData(_ tensors: [String: HostTensor], _ path: String) throws(FormatError) -> [UInt8] {
    let named = tensors.map { (key: Array($0.key.utf8), tensor: $0.value) }
    var table = TableWriter()
    table.append(key: [], value: BundleHeader(shardCount: 1).serialized())
    let file = try fileSystem.createFile(path, exclusively: false)
    var offset = 0
    for (key, tensor) in named.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard let first = key.first, first != 0 else {
        throw FormatError(.invalidArgument, file: path, "a tensor's name is empty or starts with a zero byte")
      }
      var entry = BundleEntry(dataType: tensor.dataType, shape: tensor.shape, offset: offset)
      (entry.size, entry.checksum) = try Self.write(tensor, to: file)
      table.append(key: key, value: entry.serialized())
      offset += entry.size
    }
    try file.synchronize()
    try file.close()
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

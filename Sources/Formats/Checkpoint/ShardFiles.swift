import EspalierGraph

/// The data files of a checkpoint, opened when they are first needed.
struct ShardFiles: Sendable {
  let prefix: String
  let count: Int
  let fileSystem: any FileSystem
  private let opened = Lock<[Int: any ReadableFile]>([:])

  init(prefix: String, count: Int, fileSystem: any FileSystem) {
    self.prefix = prefix
    self.count = count
    self.fileSystem = fileSystem
  }

  func path(_ shard: Int) -> String {
    CheckpointFiles.shard(shard, of: count, prefix)
  }

  func file(_ shard: Int) throws(FormatError) -> any ReadableFile {
    try opened.withLock { files throws(FormatError) in
      if let file = files[shard] { return file }
      let file = try fileSystem.openFile(path(shard))
      files[shard] = file
      return file
    }
  }
}

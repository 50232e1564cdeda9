import EspalierGraph

/// Saves checkpoints of one run into a directory, in an order that survives a crash at any moment.
///
/// The files of the new checkpoint, then the state file that names it, then the removal of old ones: each step is on
/// the disk before the next begins.
///
/// Source: `tf.compat.v1.train.Saver.save`.
package struct CheckpointSaver: Sendable {
  /// The checkpoints of the directory.
  package let directory: CheckpointDirectory
  /// Which of them stay.
  package private(set) var retention: CheckpointRetention
  private let baseName: String
  private let shardCount: Int
  private let padsStepNumber: Bool
  private let savesRelativePaths: Bool
  private let fileSystem: any FileSystem

  /// Returns a saver of checkpoints called `baseName` and the step: `model.ckpt-100`.
  ///
  /// - Parameters:
  ///   - shardCount: The number of data files of each.
  ///   - padsStepNumber: Whether the step has eight digits at least, so that names are in order: `model.ckpt-00000100`.
  ///   - savesRelativePaths: Whether the file that lists the checkpoints names them as they are seen from the directory.
  ///   - stateName: The name of the file that lists the checkpoints.
  package init(
    directory: String, baseName: String = "model.ckpt", retention: CheckpointRetention = CheckpointRetention(),
    shardCount: Int = 1, padsStepNumber: Bool = false, savesRelativePaths: Bool = true,
    stateName: String = "checkpoint", fileSystem: any FileSystem = LocalFileSystem()
  ) {
    self.directory = CheckpointDirectory(directory, stateName: stateName, fileSystem: fileSystem)
    self.baseName = baseName
    self.shardCount = shardCount
    self.padsStepNumber = padsStepNumber
    self.savesRelativePaths = savesRelativePaths
    self.retention = retention
    self.fileSystem = fileSystem
  }

  /// Returns whether both save checkpoints of one name into one directory and list them in one file.
  package func hasSameNames(as other: CheckpointSaver) -> Bool {
    (directory.path, directory.stateFile, baseName) == (other.directory.path, other.directory.stateFile, other.baseName)
  }

  /// Goes on with the checkpoints that an earlier run left: they count as recent ones, and its temporary files go.
  package mutating func recover() throws(FormatError) {
    try directory.removeTemporaries()
    let state = (try? directory.state()) ?? nil
    recover((state?.allModelCheckpointPaths ?? []).compactMap(directory.prefix(recordedAs:)))
  }

  /// Takes those of these checkpoints that are there as the recent ones, the oldest first.
  package mutating func recover(_ prefixes: [String]) {
    let present = prefixes.filter { fileSystem.exists(CheckpointFiles.index($0)) }
    recover(
      present.map { prefix in
        let time = fileSystem.modificationTime(of: CheckpointFiles.index(prefix))
        return CheckpointRetention.Entry(prefix: prefix, time: time ?? wallTime())
      })
  }

  /// Takes checkpoints as the recent ones, the oldest first, whether they are there or not.
  package mutating func recover(_ entries: [CheckpointRetention.Entry]) { retention.recover(entries) }

  /// Saves a checkpoint and deletes those that are not kept any more; returns its path prefix.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name.
  ///   - partitioned: Tensors that are written in parts, by name.
  ///   - step: The step that the name ends in; nil for no more than the base name.
  ///   - metaGraph: The contents of the file of the graph, if one is to be written.
  ///   - metaGraphSuffix: What the name of that file ends in.
  ///   - writesState: Whether the state file names it and old checkpoints are deleted.
  ///   - time: When that is, in seconds since 1970.
  /// - Throws: `FormatError` if anything cannot be written; the earlier checkpoints and the state file are then as they
  ///   were.
  @discardableResult
  package mutating func save(
    _ tensors: [String: HostTensor], partitioned: [String: PartitionedTensor] = [:], step: Int?,
    metaGraph: [UInt8]? = nil, metaGraphSuffix: String = "meta", writesState: Bool = true, time: Double = wallTime()
  ) throws(FormatError) -> String {
    let prefix = FilePath.join(directory.path, baseName + (step.map(suffix) ?? ""))
    try CheckpointWriter(fileSystem: fileSystem).write(
      tensors, partitioned: partitioned, prefix: prefix, shardCount: shardCount)
    if let metaGraph {
      try fileSystem.replaceFile(CheckpointFiles.metaGraph(prefix, suffix: metaGraphSuffix), with: metaGraph)
    }
    guard writesState else { return prefix }
    var next = retention
    let expired = next.add(prefix, at: time)
    try directory.writeState(latest: prefix, kept: next.recent.map(\.prefix), isRelative: savesRelativePaths)
    retention = next
    for old in expired { try directory.remove(old, metaGraphSuffix: metaGraphSuffix) }
    return prefix
  }

  private func suffix(_ step: Int) -> String {
    let digits = String(step)
    return "-" + String(repeating: "0", count: padsStepNumber ? max(0, 8 - digits.count) : 0) + digits
  }
}

import EspalierGraph

/// Returns whether there is a checkpoint whose files begin with `prefix`.
///
/// Source: `tf.train.checkpoint_exists`.
public func checkpointExists(_ prefix: String) -> Bool { LocalFileSystem().exists(CheckpointFiles.index(prefix)) }

/// Removes the files of a checkpoint, if there are any.
///
/// - Parameter metaGraphSuffix: What the name of the file of the graph ends in.
/// - Throws: `FormatError` if one cannot be removed.
///
/// Source: `tf.train.remove_checkpoint`.
public func removeCheckpoint(_ prefix: String, metaGraphSuffix: String = "meta") throws(FormatError) {
  try CheckpointDirectory(FilePath.directory(of: prefix)).remove(prefix, metaGraphSuffix: metaGraphSuffix)
}

/// Returns when checkpoints were written, in seconds since 1970; those that are not there are left out.
///
/// Source: `tf.train.get_checkpoint_mtimes`.
public func checkpointModificationTimes(_ prefixes: [String]) -> [Double] {
  prefixes.compactMap { LocalFileSystem().modificationTime(of: CheckpointFiles.index($0)) }
}

/// Returns what the file `checkpoint` of a directory says, with paths that can be opened; nil if there is none or it is
/// damaged.
///
/// - Parameter latestFilename: The name of the file in the directory.
/// - Throws: `FormatError` of kind `dataLoss` if it names no checkpoint.
///
/// Source: `tf.train.get_checkpoint_state`.
public func checkpointState(
  in directory: String, latestFilename: String = "checkpoint"
) throws(FormatError) -> CheckpointState? {
  let path = FilePath.withoutTrailingSlash(directory)
  guard var state = (try? CheckpointDirectory(path, stateName: latestFilename).state()) ?? nil else { return nil }
  guard !state.modelCheckpointPath.isEmpty else {
    throw FormatError(
      .dataLoss, file: FilePath.join(path, latestFilename), "Invalid checkpoint state loaded from \(directory)")
  }
  state.modelCheckpointPath = FilePath.join(path, state.modelCheckpointPath)
  state.allModelCheckpointPaths = state.allModelCheckpointPaths.map { FilePath.join(path, $0) }
  return state
}

/// Writes the file `checkpoint` of a directory anew; readers see the old or the new one.
///
/// - Parameters:
///   - modelCheckpointPath: The latest checkpoint.
///   - allModelCheckpointPaths: All that are kept, the oldest first; the latest is added if it is not the last of them.
///   - latestFilename: The name of the file in the directory.
///   - allModelCheckpointTimestamps: When each of them was written, in seconds since 1970, if that is recorded.
///   - lastPreservedTimestamp: When a checkpoint was last kept for good, if that is recorded.
/// - Throws: `FormatError` of kind `invalidArgument` if there are not as many times as paths, or the file has the name of
///   the checkpoint; else if it cannot be written.
///
/// Source: `tf.train.update_checkpoint_state`.
public func updateCheckpointState(
  in directory: String, modelCheckpointPath: String, allModelCheckpointPaths: [String] = [],
  latestFilename: String = "checkpoint", allModelCheckpointTimestamps: [Double] = [],
  lastPreservedTimestamp: Double = 0
) throws(FormatError) {
  let path = FilePath.withoutTrailingSlash(directory)
  let file = FilePath.join(path, latestFilename)
  let isLast = allModelCheckpointPaths.last == modelCheckpointPath
  let all = isLast ? allModelCheckpointPaths : allModelCheckpointPaths + [modelCheckpointPath]
  guard allModelCheckpointTimestamps.isEmpty || allModelCheckpointTimestamps.count == all.count else {
    throw FormatError(
      .invalidArgument, file: file,
      "Checkpoint timestamps, if provided, must match checkpoint paths (got paths \(all) and timestamps "
        + "\(allModelCheckpointTimestamps))")
  }
  // Both are relative to the same place; in the file, checkpoints are relative to its directory.
  func recorded(_ prefix: String) -> String {
    path.hasPrefix("/") || prefix.hasPrefix("/") ? prefix : FilePath.relative(prefix, to: path)
  }
  let state = CheckpointState(
    modelCheckpointPath: recorded(modelCheckpointPath), allModelCheckpointPaths: all.map(recorded),
    allModelCheckpointTimestamps: allModelCheckpointTimestamps, lastPreservedTimestamp: lastPreservedTimestamp)
  guard state.modelCheckpointPath != file, FilePath.join(path, state.modelCheckpointPath) != file else {
    throw FormatError(
      .invalidArgument, file: file,
      "Save path '\(modelCheckpointPath)' conflicts with path used for checkpoint state.  Please use a different save "
        + "path.")
  }
  try LocalFileSystem().replaceFile(file, with: Array(state.text.utf8))
}

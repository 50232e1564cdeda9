/// Returns the path prefix of the latest checkpoint in a directory, or nil if there is none.
///
/// That is the one which the file `checkpoint` names. If it is not there any more, or the file is damaged or missing,
/// the newest one that is there and that no file `checkpoint_…` lists.
///
/// - Parameter latestFilename: The name of the file that lists the checkpoints; one with another name has to be there.
/// - Throws: `FormatError` if the directory cannot be read.
///
/// Source: `tf.train.latest_checkpoint`.
public func latestCheckpoint(
  in directory: String, latestFilename: String = "checkpoint"
) throws(FormatError) -> String? {
  try CheckpointDirectory(directory, stateName: latestFilename).candidates().first
}

/// The checkpoints of a model directory.
package struct CheckpointDirectory: Sendable {
  /// The directory.
  package let path: String
  /// The file that lists them.
  package let stateFile: String
  private let fileSystem: any FileSystem

  /// Returns the checkpoints in `path`, listed in the file `stateName`.
  package init(_ path: String, stateName: String = "checkpoint", fileSystem: any FileSystem = LocalFileSystem()) {
    self.path = FilePath.withoutTrailingSlash(path)
    self.fileSystem = fileSystem
    stateFile = FilePath.join(self.path, stateName)
  }

  /// Returns what the state file says, or nil if there is none.
  ///
  /// - Throws: `FormatError` if it is damaged.
  package func state() throws(FormatError) -> CheckpointState? {
    guard fileSystem.exists(stateFile) else { return nil }
    return try CheckpointState(text: fileSystem.contents(of: stateFile, limit: 1 << 24), file: stateFile)
  }

  /// Writes the state file: `latest` and all of `kept` are prefixes in this directory, the oldest first.
  ///
  /// - Parameter isRelative: Whether it names them as they are seen from the directory, so that it can be moved.
  package func writeState(latest: String, kept: [String], isRelative: Bool = true) throws(FormatError) {
    let all = kept.contains(latest) ? kept : kept + [latest]
    let state = CheckpointState(
      modelCheckpointPath: isRelative ? relative(latest) : latest,
      allModelCheckpointPaths: isRelative ? all.map(relative) : all)
    try fileSystem.replaceFile(stateFile, with: Array(state.text.utf8))
  }

  /// Returns the checkpoints that are there, the best to continue from first: the one that the state file calls the
  /// latest, then the others by falling step.
  package func candidates() throws(FormatError) -> [String] {
    // A damaged state file must not hide the checkpoints beside it.
    let state = (try? state()) ?? nil
    let latest = state.flatMap { prefix(recordedAs: $0.modelCheckpointPath) }
    let listed = (state?.allModelCheckpointPaths ?? []).reversed().compactMap(prefix(recordedAs:))
    var result: [String] = []
    for prefix in [latest].compactMap({ $0 }) + listed + (try prefixes()) where !result.contains(prefix) {
      if fileSystem.exists(CheckpointFiles.index(prefix)) { result.append(prefix) }
    }
    return result
  }

  /// Returns the best checkpoint whose data are all sound, and the errors of those passed over.
  package func latestReadable() throws(FormatError) -> (reader: CheckpointReader?, damaged: [FormatError]) {
    var damaged: [FormatError] = []
    for prefix in try candidates() {
      do throws(FormatError) {
        let reader = try CheckpointReader(prefix: prefix, fileSystem: fileSystem)
        try reader.verify()
        return (reader, damaged)
      } catch {
        damaged.append(error)
      }
    }
    return (nil, damaged)
  }

  /// Removes the files of a checkpoint: the index first, without which the rest is no checkpoint.
  ///
  /// - Parameter metaGraphSuffix: What the name of the file of the graph ends in.
  package func remove(_ prefix: String, metaGraphSuffix: String = "meta") throws(FormatError) {
    try fileSystem.remove(CheckpointFiles.index(prefix))
    let directory = FilePath.directory(of: prefix)
    let start = FilePath.name(of: prefix) + ".data-"
    for name in try fileSystem.names(inDirectory: directory) where name.hasPrefix(start) {
      try fileSystem.remove(FilePath.join(directory, name))
    }
    try fileSystem.remove(CheckpointFiles.metaGraph(prefix, suffix: metaGraphSuffix))
  }

  /// Removes what processes that were killed while saving left behind. Only for the one process that saves here.
  package func removeTemporaries() throws(FormatError) {
    guard fileSystem.exists(path) else { return }
    for name in try fileSystem.names(inDirectory: path) where TemporaryName.isTemporary(name) {
      try fileSystem.remove(FilePath.join(path, name))
    }
  }

  /// Returns the checkpoint that a state file records, if it lies in this directory.
  ///
  /// No state file can point elsewhere: of an absolute path, as of a directory that was moved, the name counts.
  package func prefix(recordedAs recorded: String) -> String? {
    if recorded.isEmpty { return nil }
    let inside = recorded.hasPrefix(path + "/") ? String(recorded.dropFirst(path.count + 1)) : recorded
    if FilePath.staysInside(inside) { return FilePath.join(path, inside) }
    let name = FilePath.name(of: recorded)
    return FilePath.staysInside(name) ? FilePath.join(path, name) : nil
  }

  /// Returns the step that a prefix ends in, as in `model.ckpt-100`.
  package static func step(of prefix: String) -> Int? {
    guard let dash = prefix.lastIndex(of: "-") else { return nil }
    return Int(prefix[prefix.index(after: dash)...])
  }

  /// Returns all checkpoints with an index that no other state file lists, by falling step; none for a state file with a
  /// name of its own, which lists all of its checkpoints.
  private func prefixes() throws(FormatError) -> [String] {
    guard FilePath.name(of: stateFile) == Self.usualStateName, fileSystem.exists(path) else { return [] }
    let names = try fileSystem.names(inDirectory: path)
    let others = names.filter { $0.hasPrefix(Self.usualStateName + "_") }.flatMap { name in
      let other = CheckpointDirectory(path, stateName: name, fileSystem: fileSystem)
      return ((try? other.state()) ?? nil)?.allModelCheckpointPaths.compactMap(other.prefix(recordedAs:)) ?? []
    }
    let prefixes = names.filter { $0.hasSuffix(".index") }.map { FilePath.join(path, String($0.dropLast(6))) }
    return prefixes.filter { !others.contains($0) }
      .sorted { (Self.step(of: $0) ?? -1, $0) > (Self.step(of: $1) ?? -1, $1) }
  }

  private static let usualStateName = "checkpoint"

  private func relative(_ prefix: String) -> String {
    prefix.hasPrefix(path + "/") ? String(prefix.dropFirst(path.count + 1)) : prefix
  }
}

import EspalierFormats
import EspalierGraph

/// Returns a reader of a checkpoint.
///
/// - Parameter path: The path of its files up to `.index`, or its directory, whose latest one is taken.
/// - Throws: `EstimatorError.invalidArgument` if there is none; `FormatError` if it is damaged.
///
/// Source: `tf.train.load_checkpoint`.
public func loadCheckpoint(_ path: String) throws -> CheckpointReader {
  try CheckpointReader(prefix: try checkpointPrefix(path))
}

/// Returns the names and extents of all tensors of a checkpoint, by name.
///
/// - Throws: As `loadCheckpoint` does.
///
/// Source: `tf.train.list_variables`.
public func listVariables(_ path: String) throws -> [(name: String, shape: [Int])] {
  try loadCheckpoint(path).variables.map { ($0.name, $0.shape) }.sorted { $0.name < $1.name }
}

/// Returns a tensor of a checkpoint.
///
/// - Throws: As `loadCheckpoint` does; `FormatError` of kind `notFound` if there is none of this name.
///
/// Source: `tf.train.load_variable`.
public func loadVariable(_ path: String, _ name: String) throws -> HostTensor {
  try loadCheckpoint(path).tensor(named: name)
}

import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// The weights of an estimator, which the graphs of all modes share, and which checkpoint they are those of.
///
/// So an evaluation after a save finds the weights where training left them, and a second one reads nothing at all.
final class WeightStore {
  /// The values.
  let variables = VariableStore()
  /// Whether a training is going on, whose weights nobody else may replace.
  var isTraining = false
  private var loaded: Loaded?

  private struct Loaded {
    /// The bytes of the checkpoint's index, which differ for different contents.
    let index: [UInt8]
    /// The variables that were read or written, with the number of their changes up to then.
    let versions: [String: Int]
  }

  /// Takes note that these variables have the values of a checkpoint now.
  func note(_ names: [String], of prefix: String) throws {
    let index = try LocalFileSystem().contents(of: CheckpointFiles.index(prefix))
    loaded = Loaded(
      index: index, versions: Dictionary(names.map { ($0, variables.version(of: $0)) }) { first, _ in first })
  }

  /// Returns whether these variables have the values of a checkpoint already.
  func has(_ names: [String], of prefix: String) throws -> Bool {
    guard let loaded, names.allSatisfy({ loaded.versions[$0] == variables.version(of: $0) }) else { return false }
    return try LocalFileSystem().contents(of: CheckpointFiles.index(prefix)) == loaded.index
  }
}

import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// What training needs besides its variables to go on with the same bits: where its input stands, and how many random
/// numbers were drawn.
///
/// It lies in checkpoints as `int64` scalars under `espalier/`, which TensorFlow's Saver does not ask for.
struct TrainingState: Hashable, Sendable {
  /// Batches that were read in this pass over the input.
  var inputPosition = 0
  /// Passes over the input that were completed.
  var inputPass = 0
  /// Runs that drew random numbers.
  var randomInvocation: UInt64 = 0

  static let prefix = "espalier/"

  /// Returns the state before the first step.
  init() {}

  /// Returns whether a tensor of a checkpoint is part of the state.
  static func isKey(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Returns the state in a checkpoint; parts that TensorFlow did not write are as before the first step.
  init(_ checkpoint: CheckpointReader) throws {
    func number(_ name: String) throws -> Int64 {
      let key = Self.prefix + name
      return checkpoint.contains(key) ? try checkpoint.tensor(named: key).scalar(as: Int64.self) : 0
    }
    inputPosition = max(0, Int(try number("input_position")))
    inputPass = max(0, Int(try number("input_pass")))
    randomInvocation = UInt64(bitPattern: try number("random_invocation"))
  }

  /// The state as tensors of a checkpoint.
  var tensors: [String: HostTensor] {
    [
      Self.prefix + "input_position": HostTensor(Int64(inputPosition)),
      Self.prefix + "input_pass": HostTensor(Int64(inputPass)),
      Self.prefix + "random_invocation": HostTensor(Int64(bitPattern: randomInvocation)),
    ]
  }
}

/// For trainings that know by themselves where their input stands.
extension Saver {
  /// Saves a checkpoint that also says how many random numbers were drawn; returns its path prefix.
  ///
  /// - Throws: As `save`.
  @discardableResult
  package func saveWithRandomState(_ session: Session, directory: String, step: Int) throws -> String {
    var state = TrainingState()
    state.randomInvocation = session.randomInvocation
    return try save(
      session, directory: directory, step: step, baseName: "model.ckpt", writeMetaGraph: false, extras: state.tensors)
  }

  /// Gives the variables of a session the values that a checkpoint has, and lets it draw the random numbers that come
  /// next.
  ///
  /// - Throws: As `restore`.
  package func restoreWithRandomState(_ session: Session, from prefix: String) throws {
    let checkpoint = try CheckpointReader(prefix: prefix)
    _ = try restore(session, from: checkpoint)
    session.randomInvocation = try TrainingState(checkpoint).randomInvocation
  }
}

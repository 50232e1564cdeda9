import EspalierFormats
import EspalierGraph

/// A hook with a memory that is kept in checkpoints, so that a training that goes on finds it as it was.
public protocol ResumableHook: SessionRunHook {
  /// A name that no other hook of the training has.
  var stateName: String { get }
  /// What to remember, by name.
  var state: [String: HostTensor] { get throws }
  /// Takes back what was remembered. Not called where a checkpoint knows nothing of the hook.
  func restore(_ state: [String: HostTensor]) throws
}

/// The memories of hooks as tensors of a checkpoint: under `espalier/hooks/`, which TensorFlow's Saver does not ask for.
enum HookStates {
  private static func prefix(_ hook: any ResumableHook) -> String { TrainingState.prefix + "hooks/\(hook.stateName)/" }

  /// Returns the memories of all hooks.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if two hooks have one name.
  static func tensors(of hooks: [any SessionRunHook]) throws -> [String: HostTensor] {
    var result: [String: HostTensor] = [:]
    var names: Set<String> = []
    for hook in hooks.compactMap({ $0 as? any ResumableHook }) {
      guard names.insert(hook.stateName).inserted else {
        throw EstimatorError.invalidArgument("Two hooks have the state name '\(hook.stateName)'.")
      }
      for (name, value) in try hook.state { result[prefix(hook) + name] = value }
    }
    return result
  }

  /// Gives hooks their memories back.
  static func restore(_ hooks: [any SessionRunHook], from checkpoint: CheckpointReader) throws {
    for hook in hooks.compactMap({ $0 as? any ResumableHook }) {
      let prefix = prefix(hook)
      let names = checkpoint.variables.map(\.name).filter { $0.hasPrefix(prefix) }
      guard !names.isEmpty else { continue }
      let values = try names.map { (String($0.dropFirst(prefix.count)), try checkpoint.tensor(named: $0)) }
      try hook.restore(Dictionary(uniqueKeysWithValues: values))
    }
  }
}

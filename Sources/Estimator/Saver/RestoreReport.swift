import EspalierGraph

/// How the tensors of a checkpoint fit the variables of a graph.
public struct RestoreReport: Hashable, Sendable {
  /// A variable that the checkpoint does not have.
  public struct Missing: Hashable, Sendable {
    /// The name under which it was looked for.
    public let name: String
    /// The variable's type.
    public let type: TensorType
    /// The name in the checkpoint that comes nearest, if one is near.
    public let nearest: String?
  }

  /// A variable that the checkpoint has with another element type or shape.
  public struct Mismatch: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The variable's type.
    public let expected: TensorType
    /// The type in the checkpoint.
    public let found: TensorType
  }

  /// The path prefix of the checkpoint.
  public let checkpoint: String
  /// Names of the variables that fit.
  public internal(set) var restored: [String] = []
  /// Variables that the checkpoint does not have.
  public internal(set) var missing: [Missing] = []
  /// Variables that it has with another type.
  public internal(set) var mismatched: [Mismatch] = []
  /// Names in the checkpoint that no variable has.
  public internal(set) var unused: [String] = []

  /// Whether every variable fits.
  public var isComplete: Bool { missing.isEmpty && mismatched.isEmpty }
}

extension RestoreReport: CustomStringConvertible {
  /// The report, a line for each tensor that does not fit.
  public var description: String {
    var lines = ["Restoring from checkpoint \(checkpoint) failed, no variable was changed."]
    for variable in missing {
      let hint = variable.nearest.map { ", perhaps it is \($0)" } ?? ""
      lines.append("  Key \(variable.name) not found in checkpoint (\(variable.type))\(hint)")
    }
    for variable in mismatched {
      lines.append(
        "  Assign requires shapes of both tensors to match: \(variable.name) is \(variable.expected) in the graph and "
          + "\(variable.found) in the checkpoint")
    }
    for name in unused.prefix(20) { lines.append("  Key \(name) of the checkpoint is not used") }
    if unused.count > 20 { lines.append("  and \(unused.count - 20) more keys of the checkpoint are not used") }
    lines.append("  \(restored.count) variables fit.")
    return lines.joined(separator: "\n")
  }
}

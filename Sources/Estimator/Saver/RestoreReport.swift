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
  private static let shownUnused = 20

  /// What went wrong in TensorFlow's words, then a table of all that does not fit.
  public var description: String {
    var lines = ["Restoring from checkpoint \(checkpoint) failed, no variable was changed."]
    if let first = missing.first {
      let hint = first.nearest.map { ", perhaps it is \($0)" } ?? ""
      lines.append("Key \(first.name) not found in checkpoint (\(first.type))\(hint)")
    } else if let first = mismatched.first {
      lines.append(
        "Assign requires shapes of both tensors to match. lhs shape= \(first.expected.shape) "
          + "rhs shape= \(first.found.shape)")
    }
    return lines.joined(separator: "\n") + "\n" + table
  }

  /// A line for each tensor that does not fit, and one for all that do.
  public var table: String {
    var rows = [["variable", "in the graph", "in the checkpoint", ""]]
    for variable in mismatched {
      let differs = variable.expected.dataType == variable.found.dataType ? "shape" : "type"
      rows.append([variable.name, "\(variable.expected)", "\(variable.found)", "another \(differs)"])
    }
    for variable in missing {
      rows.append([
        variable.name, "\(variable.type)", "–", variable.nearest.map { "missing; perhaps it is \($0)" } ?? "missing",
      ])
    }
    for name in unused.prefix(Self.shownUnused) { rows.append([name, "–", "yes", "unused"]) }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return ("  " + (cells + [row[3]]).joined(separator: "  ")).trimmingTrailingSpaces
    }
    if unused.count > Self.shownUnused {
      lines.append("  and \(unused.count - Self.shownUnused) more tensors of the checkpoint that are unused")
    }
    lines.append("  \(restored.count) variables fit.")
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The text without spaces at its end.
  var trimmingTrailingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}

/// A mistake in building or using a graph, with its place.
///
/// Operations throw it with only a message; the graph adds which node it was, the types of its inputs, and the lines
/// of the user's program where the node and its inputs were made.
public struct GraphError: Error, Sendable {
  /// An operand of the call that failed.
  public struct Operand: Sendable {
    /// The name of the tensor, `dense/kernel/read:0`.
    public let name: String
    /// What was known of it.
    public let type: TensorType
    /// Where the user's program made it.
    public let site: SourceSite?
  }

  /// What is wrong, in TensorFlow's words where it has words for it.
  public let message: String
  /// The TensorFlow name of the operation, `Conv2D`, or nil outside an operation.
  public internal(set) var operation: String?
  /// The path of the node, `block1/conv2d/Conv2D`.
  public internal(set) var node: String?
  /// The inputs of the call.
  public internal(set) var operands: [Operand] = []
  /// Where the user's program made the call.
  public internal(set) var site: SourceSite?

  /// Returns an error with this message and no place yet.
  public init(_ message: String) {
    self.message = message
  }

  /// Returns an error of a call at this place of the user's program.
  package init(_ message: String, file: StaticString, line: Int) {
    self.message = message
    site = SourceSite(file: file, line: line)
  }
}

extension GraphError: CustomStringConvertible {
  /// The message, the node, the types of its inputs, and where all of them stand in the user's program.
  public var description: String {
    var text = message
    if let operation, let node {
      let names = operands.map { $0.name.hasSuffix(":0") ? String($0.name.dropLast(2)) : $0.name }
      text += " for '{{node \(node)}} = \(operation)(\(names.joined(separator: ", ")))'"
      if !operands.isEmpty {
        text += " with input shapes: " + operands.map(\.type.shape.description).joined(separator: ", ") + "."
      }
    }
    for operand in operands {
      text += "\n  \(operand.name): \(operand.type)"
      if let site = operand.site { text += " made at \(site)" }
    }
    if let site { text += "\n  in: \(node ?? "the graph") at \(site)" }
    return text
  }
}

import EspalierGraph

extension Program: CustomStringConvertible {
  /// One node a line, `%6 = Relu(%5) : float32[8,28,28,16]  // block1/Relu`.
  package var description: String {
    var lines = nodes.indices.map(line)
    if !fetches.isEmpty { lines.append("fetch " + fetches.map(name).joined(separator: ", ")) }
    if !targets.isEmpty { lines.append("run " + targets.map { "%\($0)" }.joined(separator: ", ")) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns `%6`, or `%6:1` for an output other than the first.
  func name(_ value: TensorID) -> String {
    value.index == 0 ? "%\(value.node)" : "%\(value.node):\(value.index)"
  }

  private func line(_ index: Int) -> String {
    let node = nodes[index]
    var text = "%\(index) = \(Self.label(node.operation))(\(node.inputs.map(name).joined(separator: ", ")))"
    if !node.control.isEmpty { text += " after " + node.control.map { "%\($0)" }.joined(separator: ", ") }
    if !node.outputs.isEmpty { text += " : " + node.outputs.map(\.description).joined(separator: ", ") }
    return text + "  // \(node.name)"
  }

  /// The name of an operation, with what tells it from others of its name.
  static func label(_ operation: any Operation) -> String {
    if let custom = operation as? any CustomStringConvertible { return custom.description }
    return operation.name
  }

  /// The program for Graphviz.
  package var dot: String {
    var lines = ["digraph program {", "  node [shape=box, fontname=monospace];"]
    for (index, node) in nodes.enumerated() {
      let types = node.outputs.map(\.description).joined(separator: ", ")
      let label = "%\(index) \(Self.label(node.operation))\\n\(node.name)\\n\(types)"
      lines.append("  n\(index) [label=\"\(label.replacing("\"", with: "'"))\"];")
      for input in node.inputs { lines.append("  n\(input.node) -> n\(index);") }
      for source in node.control { lines.append("  n\(source) -> n\(index) [style=dashed];") }
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }
}

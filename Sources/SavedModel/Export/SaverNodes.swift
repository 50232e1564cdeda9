import EspalierFormats
import EspalierGraph

/// The nodes by which TensorFlow saves and restores variables.
///
/// Source: `tf.compat.v1.train.Saver`, `tf.raw_ops.SaveV2`, `tf.raw_ops.RestoreV2`.
package struct SaverNodes {
  /// A variable, and what it is called in checkpoints.
  package struct Entry {
    package let name: String
    package let variable: Variable
    /// Which part of the tensor it is, empty for all of it.
    let slice: String

    /// Returns a variable under its own name, or that of the whole if it is a part.
    package init(_ variable: Variable) {
      self.variable = variable
      name = variable.slice?.name ?? variable.name
      slice = variable.slice?.specification(of: variable.shape) ?? ""
    }

    /// Returns a variable that is saved under another name.
    package init(_ variable: Variable, as name: String) {
      (self.variable, self.name, slice) = (variable, name, "")
    }
  }

  package var definition: SaverDef
  let nodes: [NodeDef]

  /// - Parameter scope: What the names of the nodes begin with; no node of the graph has this name.
  package init(_ entries: [Entry], scope: String) {
    let variables = entries.map(\.variable)
    let types = NodeAttribute(.types(variables.map(\.dataType)))
    let file = Self.constant("\(scope)/Const", [Array("model".utf8)], shape: [])
    let names = entries.map { Array($0.name.utf8) }
    let slices = entries.map { Array($0.slice.utf8) }
    var nodes = [file]
    func lists(_ node: String) -> [String] {
      nodes.append(Self.constant("\(node)/tensor_names", names, shape: [names.count]))
      nodes.append(Self.constant("\(node)/shape_and_slices", slices, shape: [names.count]))
      return ["\(node)/tensor_names", "\(node)/shape_and_slices"]
    }
    let save = "\(scope)/SaveV2"
    let saveInputs = [file.name] + lists(save) + variables.map { GraphDefEncoder.reference($0.handle) }
    nodes.append(NodeDef(name: save, operation: "SaveV2", inputs: saveInputs, attributes: ["dtypes": types]))
    let done = NodeDef(
      name: "\(scope)/control_dependency", operation: "Identity", inputs: [file.name, "^" + save],
      attributes: ["T": NodeAttribute(.type(.string))])
    nodes.append(done)
    let restore = "\(scope)/RestoreV2"
    let restoreInputs = [file.name] + lists(restore)
    nodes.append(NodeDef(name: restore, operation: "RestoreV2", inputs: restoreInputs, attributes: ["dtypes": types]))
    let assignments = variables.enumerated().map { index, variable in
      NodeDef(
        name: "\(scope)/Assign" + (index == 0 ? "" : "_\(index)"), operation: "Assign",
        inputs: [GraphDefEncoder.reference(variable.handle), index == 0 ? restore : "\(restore):\(index)"],
        attributes: ["T": NodeAttribute(.type(variable.dataType))])
    }
    nodes += assignments
    let all = NodeDef(name: "\(scope)/restore_all", operation: "NoOp", inputs: assignments.map { "^" + $0.name })
    nodes.append(all)
    self.nodes = nodes
    definition = SaverDef(
      filenameTensor: file.name + ":0", saveTensor: done.name + ":0", restoreOperation: all.name)
  }

  /// Returns `scope`, or with a number behind it if nodes of a graph are in it already.
  package static func unusedScope(_ scope: String = "save", in graph: Graph) -> String {
    let taken = Set(graph.nodes.map { $0.name.split(separator: "/").first.map(String.init) ?? "" })
    if !taken.contains(scope) { return scope }
    return "\(scope)_" + String((1...).first { !taken.contains("\(scope)_\($0)") } ?? 1)
  }

  private static func constant(_ name: String, _ strings: [[UInt8]], shape: [Int]) -> NodeDef {
    // As many strings as the shape says: nothing can fail.
    let value = (try? HostTensor(strings: strings, shape: shape)) ?? HostTensor("")
    return NodeDef(
      name: name, operation: "Const",
      attributes: ["dtype": NodeAttribute(.type(.string)), "value": NodeAttribute(.tensor(value))])
  }
}

import EspalierFormats
import EspalierGraph

/// The nodes by which TensorFlow saves and restores variables.
///
/// Source: `tf.compat.v1.train.Saver`, `tf.raw_ops.SaveV2`, `tf.raw_ops.RestoreV2`.
struct SaverNodes {
  let definition: SaverDef
  let nodes: [NodeDef]

  /// - Parameter scope: What the names of the nodes begin with; no node of the graph has this name.
  init(_ variables: [Variable], scope: String) {
    let types = NodeAttribute(.types(variables.map(\.dataType)))
    let file = Self.constant("\(scope)/Const", [Array("model".utf8)], shape: [])
    let names = variables.map { Array($0.name.utf8) }
    let slices = [[UInt8]](repeating: [], count: names.count)
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
        name: "\(scope)/Assign_\(index)", operation: "Assign",
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

  private static func constant(_ name: String, _ strings: [[UInt8]], shape: [Int]) -> NodeDef {
    // As many strings as the shape says: nothing can fail.
    let value = (try? HostTensor(strings: strings, shape: shape)) ?? HostTensor("")
    return NodeDef(
      name: name, operation: "Const",
      attributes: ["dtype": NodeAttribute(.type(.string)), "value": NodeAttribute(.tensor(value))])
  }
}

import EspalierGraph

extension Program {
  /// Returns, for each node, whether it gives the same values in every run until a variable is changed from outside: it
  /// depends on nothing but constants and variables that the program does not write.
  ///
  /// Such values are computed once and kept, as are the packed filters of convolutions; what would need much more memory
  /// than it is made of is not.
  func steadyNodes() -> [Bool] {
    var written: Set<String> = []
    for node in nodes {
      for write in node.writes {
        if let read = nodes[home(of: node.inputs[write.input])].operation as? ReadVariable {
          written.insert(read.variable)
        }
      }
    }
    var result: [Bool] = []
    for node in nodes {
      let isSteady: Bool =
        switch node.operation {
        case is Constant: true
        case let read as ReadVariable: !written.contains(read.variable)
        default: canBeKept(node) && node.dependencies.allSatisfy { result[$0] }
        }
      result.append(isSteady)
    }
    return result
  }

  /// The most bytes that are kept of a node, unless they are no more than those of its inputs.
  private static var largestResult: Int { 1 << 20 }

  private func canBeKept(_ node: Node) -> Bool {
    guard node.operation.effect == .none, !node.inputs.isEmpty,
      !node.outputs.contains(where: { $0.dataType == .string })
    else { return false }
    let before = node.inputs.reduce(0) { $0 + type(of: $1).byteCount }
    let after = node.outputs.reduce(0) { $0 + $1.byteCount }
    return after <= max(before, Self.largestResult)
  }
}

import EspalierGraph

extension Pass {
  /// Lets values wait for no other values: only what changes something is worth waiting for.
  ///
  ///     %2 = NoOp() after %0, %1
  ///     %3 = Identity(%1) after %2          →   %3 = Identity(%1)
  static let dropGates = Pass("drop-gates") { program, _ throws(ExecutionError) in
    // Whether the node, or one that runs before it, does more than compute its outputs.
    var matters: [Bool] = []
    for index in program.nodes.indices {
      let node = program.nodes[index]
      matters.append(!node.isDroppable || node.dependencies.contains { matters[$0] })
      guard node.operation.effect == .none, !node.outputs.isEmpty, !node.control.isEmpty else { continue }
      program.nodes[index].control = node.control.filter { matters[$0] }
    }
  }
}

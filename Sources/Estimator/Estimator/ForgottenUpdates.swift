import EspalierGraph

/// Looks for updates, such as those of batch normalization's moving averages, that a training step leaves out.
enum ForgottenUpdates {
  private static let shown = 5

  /// Returns a warning that names the members of `update_ops` that running `trainOp` does not run, or nil if it runs at
  /// least one of each kind: with towers, the updates of the first may stand for all.
  static func warning(_ trainOp: Node, _ graph: Graph) -> String? {
    let updates = graph.updateOps().filter { !$0.isPoisoned }
    let reached = ancestors(of: trainOp)
    func variables(_ nodes: [Node]) -> Set<Node> {
      Set(nodes.flatMap { written(by: $0) })
    }
    let forgotten = updates.filter { !reached.contains($0.id) }
    let covered = variables(updates.filter { reached.contains($0.id) })
    let missing = forgotten.filter { node in
      let own = written(by: node)
      return own.isEmpty || !own.allSatisfy(covered.contains)
    }
    guard let first = missing.first else { return nil }
    let names = missing.prefix(shown).map(\.name).joined(separator: ", ")
    let rest = missing.count > shown ? " and \(missing.count - shown) more" : ""
    let place = first.site.flatMap(\.location).map { ", made at \($0.file):\($0.line)" } ?? ""
    return "\(missing.count) of \(updates.count) update_ops are not run by train_op: \(names)\(rest)\(place). "
      + "What they update, such as moving averages, stays as it is initialized. Make train_op depend on them: "
      + "group([trainOp] + graph.updateOps())."
  }

  private static func ancestors(of node: Node) -> Set<Int> {
    var seen: Set<Int> = [node.id]
    var pending = [node]
    while let next = pending.popLast() {
      for input in next.inputs.map(\.node) + next.controlInputs where seen.insert(input.id).inserted {
        pending.append(input)
      }
    }
    return seen
  }

  /// The variables that a node writes itself.
  private static func written(by node: Node) -> [Node] {
    guard case .writes(let inputs) = node.operation.effect else { return [] }
    return inputs.compactMap { node.inputs.indices.contains($0) ? node.inputs[$0].node : nil }
  }
}

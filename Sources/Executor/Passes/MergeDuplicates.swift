import EspalierGraph

extension Pass {
  /// Merges nodes that apply equal operations to the same inputs.
  ///
  ///     %1 = Relu(%0); %2 = Relu(%0); %3 = AddV2(%1, %2)   →   %1 = Relu(%0); %3 = AddV2(%1, %1)
  static let mergeDuplicates = Pass("merge-duplicates") { program, _ throws(ExecutionError) in
    var seen: [Application: [TensorID]] = [:]
    try program.rewrite { node, rewriter throws(ExecutionError) in
      guard node.operation.effect == .none, node.control.isEmpty else { return rewriter.emit(node) }
      let key = Application(operation: AnyHashable(node.operation), inputs: node.inputs)
      if let known = seen[key] { return known }
      let outputs = rewriter.emit(node)
      seen[key] = outputs
      return outputs
    }
  }
}

private struct Application: Hashable {
  let operation: AnyHashable
  let inputs: [TensorID]
}

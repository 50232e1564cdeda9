/// Returns what `body` returns; the nodes that it makes go to the device of `node`, whatever device scope is around.
///
/// Nested calls add up: the nodes then share the device of all of them.
///
/// Source: `tf.colocate_with`.
public func withColocation<Result, Failure: Error>(
  with node: Node, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext.current.colocated(with: node, ignoringOthers: false).enter(body)
}

extension BuildContext {
  /// Returns this context for nodes that go where `node` is.
  ///
  /// - Parameter ignoringOthers: Whether the nodes that others are colocated with already do not count.
  package func colocated(with node: Node, ignoringOthers: Bool) -> BuildContext {
    if node.isPoisoned { return self }
    let groups = Set(node.colocationGroups).union(ignoringOthers ? [] : colocation)
    return with(\.colocation, groups.sorted()).with(\.device, node.device)
  }

  /// Returns this context for nodes of which no device is asked.
  package var unplaced: BuildContext { with(\.colocation, []).with(\.device, "") }
}

import EspalierGraph

extension Pass {
  /// Puts every node that looks at a variable before the node that overwrites it; where it depends on that node, it gets
  /// a copy of the old value.
  ///
  ///     %2 = Assign(%0, %1); %3 = Relu(%0)              →   %2 = Relu(%0); %3 = Assign(%0, %1) after %2
  ///     %2 = Assign(%0, %1); %3 = AddV2(%2, %0)         →   %2 = Copy(%0); %3 = Assign(%0, %1) after %2;
  ///                                                         %4 = AddV2(%3, %2)
  static let schedule = Pass("schedule", isRequired: true) { program, _ throws(ExecutionError) in
    try program.checkShapesAreKnown()
    try program.orderVariableAccess()
  }
}

extension Program {
  /// Adds control inputs, and copies where there is no order, so that nobody sees a variable overwritten too early.
  mutating func orderVariableAccess() throws(ExecutionError) {
    let users = users()
    for index in nodes.indices {
      for write in nodes[index].writes { try order(write, by: index, users) }
    }
    try sort()
  }

  private mutating func order(_ write: Write, by writer: Int, _ users: [[Int]]) throws(ExecutionError) {
    let old = nodes[writer].inputs[write.input]
    if let feed = nodes[old.node].operation as? Feed {
      throw ExecutionError("cannot write to \(nodes[old.node].name), which is fed (feed \(feed.index))")
        .located(operation: nodes[writer].operation.name, node: nodes[writer].name, site: nodes[writer].site)
    }
    var later: Set<Int>?
    var copies: [TensorID: TensorID] = [:]
    for alias in aliases(of: old, users) {
      for position in fetches.indices where fetches[position] == alias {
        fetches[position] = copy(alias, before: writer, &copies)
      }
      for user in users[alias.node] where user != writer && nodes[user].operation.fusion != .view {
        guard nodes[user].readsValue(alias) else { continue }
        let dependents = later ?? dependents(of: writer, users)
        later = dependents
        if dependents.contains(user) {
          let fresh = copy(alias, before: writer, &copies)
          nodes[user].inputs = nodes[user].inputs.map { $0 == alias ? fresh : $0 }
        } else {
          nodes[writer].control = Set(nodes[writer].control + [user]).sorted()
        }
      }
    }
  }

  /// The values that lie in the same memory as `value`: itself, and views of it.
  private func aliases(of value: TensorID, _ users: [[Int]]) -> [TensorID] {
    var result = [value]
    var next = 0
    while next < result.count {
      let alias = result[next]
      next += 1
      for user in users[alias.node] where nodes[user].operation.fusion == .view && nodes[user].inputs[0] == alias {
        result.append(TensorID(node: user, index: 0))
      }
    }
    return result
  }

  private mutating func copy(
    _ value: TensorID, before writer: Int, _ copies: inout [TensorID: TensorID]
  ) -> TensorID {
    if let made = copies[value] { return made }
    let source = nodes[value.node]
    nodes.append(
      Node(
        operation: Copy(), inputs: [value], outputs: [type(of: value)], name: source.name + "/copy", site: source.site))
    let made = TensorID(node: nodes.count - 1, index: 0)
    nodes[writer].control = Set(nodes[writer].control + [made.node]).sorted()
    copies[value] = made
    return made
  }
}

extension Program.Node {
  /// Whether this node looks at the elements of `value`, not only at its place.
  func readsValue(_ value: TensorID) -> Bool {
    inputs.indices.contains { inputs[$0] == value && !ignoresValue(ofInput: $0) }
  }
}

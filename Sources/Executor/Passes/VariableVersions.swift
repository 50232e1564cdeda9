import EspalierGraph

extension Pass {
  /// Gives every value that a variable has during the run a name of its own.
  ///
  /// A node reads the value after the last write that it depends on, and the value from before the run if it depends on
  /// none. Writes happen in the order of their nodes.
  ///
  ///     %0 = VariableV2()                  %0 = ReadVariable()
  ///     %1 = Identity(%0)            →     %1 = Identity(%0)
  ///     %2 = AssignAdd(%0, %1)             %2 = AssignAdd(%0, %1)         // writes v: %0 → %2
  ///     %3 = Identity(%0) after %2         %3 = Identity(%2) after %2
  static let variables = Pass("variables", isRequired: true) { program, _ throws(ExecutionError) in
    let users = program.users()
    for index in program.nodes.indices {
      guard let variable = program.nodes[index].operation as? VariableV2 else { continue }
      program.giveVersions(to: index, of: variable, users)
    }
  }
}

extension Program {
  fileprivate mutating func giveVersions(to index: Int, of variable: VariableV2, _ users: [[Int]]) {
    let type = TensorType(variable.dataType, Shape(variable.shape))
    nodes[index].operation = ReadVariable(variable: nodes[index].name, type: type)
    nodes[index].outputs = [type]
    let handle = TensorID(node: index, index: 0)
    // The value that a node sees, by node; the one from before the run where nothing is said.
    var seen: [Int: TensorID] = [:]
    var current = handle
    // In the order of nodes, so that writers come one after the other and before what depends on them.
    for user in users[index] {
      let written = nodes[user].writtenInput(handle)
      for position in nodes[user].inputs.indices where nodes[user].inputs[position] == handle {
        nodes[user].inputs[position] = position == written ? current : seen[user] ?? handle
      }
      guard let written else { continue }
      if current.node != index { nodes[user].control = Set(nodes[user].control + [current.node]).sorted() }
      current = nodes[user].recordWrite(of: written, type, node: user)
      for dependent in dependents(of: user, users) { seen[dependent] = current }
    }
  }

  /// Returns the nodes that cannot run before `start` has.
  func dependents(of start: Int, _ users: [[Int]]) -> Set<Int> {
    var result: Set<Int> = []
    var pending = users[start]
    while let next = pending.popLast() {
      if result.insert(next).inserted { pending += users[next] }
    }
    return result
  }
}

extension Program.Node {
  /// The number of the input by which this node writes a variable, or nil.
  fileprivate func writtenInput(_ handle: TensorID) -> Int? {
    guard case .writes(let positions) = operation.effect else { return nil }
    return positions.first { inputs.indices.contains($0) && inputs[$0] == handle }
  }

  /// Notes that input number `input` is changed, and returns the value that it has then: output 0 is that of the first
  /// variable, as in TensorFlow; others get an output of their own.
  mutating func recordWrite(of input: Int, _ type: TensorType, node: Int) -> TensorID {
    if input == 0, let first = outputs.first, first.dataType == type.dataType,
      first.shape.isCompatible(with: type.shape)
    {
      writes.append(Program.Write(input: input, output: 0))
      return TensorID(node: node, index: 0)
    }
    outputs.append(type)
    writes.append(Program.Write(input: input, output: outputs.count - 1))
    return TensorID(node: node, index: outputs.count - 1)
  }
}

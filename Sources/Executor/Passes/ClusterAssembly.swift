import EspalierGraph

extension Clustering {
  /// Returns the program in which every group of several nodes, and every pointwise node, is one cluster.
  func fused() throws(ExecutionError) -> Program {
    var result = Program()
    var values: [TensorID: TensorID] = [:]
    var position = [Int](repeating: -1, count: program.nodes.count)
    let fetched = Set(program.fetches)
    for name in order where !members[name].isEmpty {
      let nodes = members[name]
      var assembly = ClusterAssembly(program, nodes, fusible)
      let first = program.nodes[nodes[0]]
      let cluster = assembly.node(neededOutside: { isNeeded($0, outside: name, fetched) })
      guard cluster != nil || nodes.count == 1 else {
        throw ExecutionError("\(first.name) cannot be computed with its neighbours", kind: .unknown)
      }
      let made = cluster ?? first
      let produced = assembly.produced ?? first.outputs.indices.map { TensorID(node: nodes[0], index: $0) }
      for (index, value) in produced.enumerated() {
        values[value] = TensorID(node: result.nodes.count, index: index)
      }
      for node in nodes { position[node] = result.nodes.count }
      result.nodes.append(made)
    }
    for index in result.nodes.indices {
      result.nodes[index].inputs = result.nodes[index].inputs.map { values[$0] ?? $0 }
      result.nodes[index].control = Set(result.nodes[index].control.map { position[$0] }).subtracting([index]).sorted()
    }
    result.fetches = program.fetches.map { values[$0] ?? $0 }
    result.targets = Set(program.targets.map { position[$0] }).sorted()
    return result
  }

  private func isNeeded(_ value: TensorID, outside name: Int, _ fetched: Set<TensorID>) -> Bool {
    fetched.contains(value)
      || users[value.node].contains { user in group[user] != name && program.nodes[user].inputs.contains(value) }
  }
}

/// Turns the nodes of a group into a cluster.
private struct ClusterAssembly {
  private let program: Program
  private let nodes: [Int]
  private let parts: [Fusible?]
  private var cluster: Cluster
  private var inputs: [TensorID] = []
  private var operands: [TensorID: Cluster.Operand] = [:]
  /// The values that the outputs of the cluster stand for; nil if there is no cluster.
  private(set) var produced: [TensorID]?

  init(_ program: Program, _ nodes: [Int], _ fusible: [Fusible?]) {
    self.program = program
    self.nodes = nodes
    parts = nodes.map { fusible[$0] }
    let type = parts.compactMap { $0?.type }.first ?? .int32
    cluster = Cluster(type: type, extents: parts.first??.extents ?? [])
    cluster.rowLength = parts.compactMap { $0?.rowLength }.first ?? 0
  }

  /// Returns the node that computes the group, or nil if it is better left as it is.
  mutating func node(neededOutside: (TensorID) -> Bool) -> Program.Node? {
    guard isWorthwhile else { return nil }
    var outputs: [TensorID] = []
    for (index, part) in zip(nodes, parts) {
      guard let part, append(index, part, neededOutside, &outputs) else { return nil }
    }
    let all = nodes.map { program.nodes[$0] }
    guard let last = all.last else { return nil }
    var made = last
    made.operation = cluster
    made.inputs = inputs
    made.control = Set(all.flatMap(\.control)).sorted()
    made.outputs = cluster.outputs
    made.writes = cluster.assigned
    produced = outputs
    return made
  }

  private var isWorthwhile: Bool {
    if nodes.count > 1 { return true }
    if case .map = parts.first??.role { return true }
    return false
  }

  private mutating func append(
    _ index: Int, _ part: Fusible, _ neededOutside: (TensorID) -> Bool, _ outputs: inout [TensorID]
  ) -> Bool {
    let node = program.nodes[index]
    let value = TensorID(node: index, index: 0)
    switch part.role {
    case .map(let opcode):
      let used = opcode == .identity ? Array(node.inputs.prefix(1)) : node.inputs
      let types = used.map { program.type(of: $0).dataType }
      let arguments = used.map { operand($0) }
      guard let result = cluster.append(opcode, arguments, types, node.outputs[0].dataType) else { return false }
      operands[value] = result
      if neededOutside(value) { store(result, value, &outputs) }
    case .assign:
      let result = operand(node.inputs[1])
      operands[value] = result
      store(result, value, &outputs)
      cluster.assigned.append(Program.Write(input: input(node.inputs[0]), output: outputs.count - 1))
    case .reduce(let kind, let scope, let scale):
      let argument = operand(node.inputs[0])
      cluster.sums.append(
        Cluster.Sum(kind: kind, scope: scope, value: argument, output: outputs.count, scale: scale))
      cluster.outputs.append(node.outputs[0])
      outputs.append(value)
    }
    return true
  }

  private mutating func store(_ operand: Cluster.Operand, _ value: TensorID, _ outputs: inout [TensorID]) {
    cluster.stores.append(Cluster.Store(value: operand, output: outputs.count))
    cluster.outputs.append(program.type(of: value))
    outputs.append(value)
  }

  /// Returns the number of a value from outside among the inputs.
  private mutating func input(_ value: TensorID) -> Int {
    if let known = inputs.firstIndex(of: value) { return known }
    inputs.append(value)
    return inputs.count - 1
  }

  private mutating func operand(_ value: TensorID) -> Cluster.Operand {
    if let known = operands[value] { return known }
    let made: Cluster.Operand
    if let number = number(value) {
      made = cluster.constant(number)
    } else {
      made = cluster.load(input(value), program.type(of: value))
    }
    operands[value] = made
    return made
  }

  /// A constant of one element is part of the program.
  private func number(_ value: TensorID) -> Cluster.Number? {
    guard let constant = program.nodes[value.node].operation as? Constant, constant.value.count == 1 else { return nil }
    switch constant.value.dataType {
    case .int64:
      guard let integer = try? constant.value.scalars(as: Int64.self).first else { return nil }
      return Cluster.Number(real: Double(integer), integer: integer)
    case .uint64, .string, .complex64, .complex128: return nil
    default:
      guard let real = try? constant.value.doubles().first else { return nil }
      return Cluster.Number(real: real, integer: Int64(exactly: real.rounded(.towardZero)) ?? 0)
    }
  }
}

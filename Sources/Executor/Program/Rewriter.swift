import EspalierGraph

/// Builds the program that a pass leaves from the one that it found.
struct Rewriter {
  private(set) var program = Program()
  private var values: [TensorID: TensorID] = [:]
  // Old node → new nodes that stand for it as something to wait for.
  private var standIns: [[Int]]

  init(for old: Program) {
    standIns = [[Int]](repeating: [], count: old.nodes.count)
    program.nodes.reserveCapacity(old.nodes.count)
  }

  /// The number of nodes so far.
  var count: Int { program.nodes.count }

  /// Returns what is known of a new value.
  func type(of value: TensorID) -> TensorType { program.type(of: value) }

  /// Returns the node that computes a new value.
  func producer(of value: TensorID) -> Program.Node { program.nodes[value.node] }

  /// Adds a node and returns its outputs.
  mutating func emit(_ node: Program.Node) -> [TensorID] {
    program.nodes.append(node)
    return node.outputs.indices.map { TensorID(node: program.nodes.count - 1, index: $0) }
  }

  /// Adds a node that stands in for `node` and returns its outputs.
  mutating func emit(
    _ operation: any Operation, _ inputs: [TensorID], like node: Program.Node
  ) throws(ExecutionError) -> [TensorID] {
    var made = node
    made.operation = operation
    made.inputs = inputs
    made.outputs = try Program.outputTypes(of: made, inputs.map(type))
    return emit(made)
  }

  /// Adds a constant named after `node`.
  mutating func emit(constant value: HostTensor, like node: Program.Node) -> TensorID {
    let operation = Constant(value)
    let types = (try? operation.outputTypes([])) ?? [value.type]
    return emit(Program.Node(operation: operation, inputs: [], outputs: types, name: node.name, site: node.site))[0]
  }

  /// Returns `node` with its inputs and control inputs as they are now.
  fileprivate func translated(_ node: Program.Node) -> Program.Node {
    var result = node
    result.inputs = node.inputs.map { values[$0] ?? $0 }
    result.control = Set(node.control.flatMap { standIns[$0] }).sorted()
    return result
  }

  fileprivate mutating func replace(_ old: Int, by new: [TensorID], emittedFrom start: Int) {
    for (index, value) in new.enumerated() { values[TensorID(node: old, index: index)] = value }
    let emitted = Array(start..<count)
    standIns[old] = emitted.isEmpty ? Set(new.map(\.node)).sorted() : emitted
  }

  fileprivate mutating func finish(_ old: Program) -> Program {
    program.fetches = old.fetches.map { values[$0] ?? $0 }
    program.targets = Set(old.targets.flatMap { standIns[$0] }).sorted()
    return program
  }
}

extension Program {
  /// Replaces every node by what `body` emits for it; `body` gets the node with its inputs as they are now, and returns
  /// the values that take the place of its outputs.
  mutating func rewrite(
    _ body: (Node, inout Rewriter) throws(ExecutionError) -> [TensorID]
  ) throws(ExecutionError) {
    var rewriter = Rewriter(for: self)
    for (index, node) in nodes.enumerated() {
      let start = rewriter.count
      let current = rewriter.translated(node)
      rewriter.replace(index, by: try body(current, &rewriter), emittedFrom: start)
    }
    self = rewriter.finish(self)
  }

  /// Drops the nodes that neither change anything nor are needed for a fetch.
  mutating func dropUnused() {
    var needed = [Bool](repeating: false, count: nodes.count)
    for fetch in fetches { needed[fetch.node] = true }
    for target in targets { needed[target] = true }
    for index in nodes.indices.reversed() {
      guard needed[index] || !nodes[index].isDroppable else { continue }
      needed[index] = true
      for source in nodes[index].dependencies { needed[source] = true }
    }
    keep(nodes.indices.filter { needed[$0] })
  }

  /// Puts the nodes in this order, without those that are not in it.
  mutating func keep(_ order: [Int]) {
    var position = [Int](repeating: -1, count: nodes.count)
    for (new, old) in order.enumerated() { position[old] = new }
    nodes = order.map { old in
      var node = nodes[old]
      node.inputs = node.inputs.map { TensorID(node: position[$0.node], index: $0.index) }
      node.control = Set(node.control.map { position[$0] }).subtracting([-1]).sorted()
      return node
    }
    fetches = fetches.map { TensorID(node: position[$0.node], index: $0.index) }
    targets = targets.map { position[$0] }.filter { $0 >= 0 }
  }

  /// Orders the nodes so that each comes after what it depends on, and otherwise as they stand.
  ///
  /// - Throws: `ExecutionError` if nodes wait for each other in a circle.
  mutating func sort() throws(ExecutionError) {
    let users = users()
    var waiting = nodes.map { Set($0.dependencies).count }
    var ready = MinHeap<Int>()
    for index in nodes.indices where waiting[index] == 0 { ready.insert(index) }
    var order: [Int] = []
    order.reserveCapacity(nodes.count)
    while let next = ready.removeMin() {
      order.append(next)
      for user in users[next] {
        waiting[user] -= 1
        if waiting[user] == 0 { ready.insert(user) }
      }
    }
    guard order.count == nodes.count else {
      let stuck = nodes.indices.first { waiting[$0] > 0 }
      throw ExecutionError("\(stuck.map { nodes[$0].name } ?? "a node") waits for itself", kind: .unknown)
    }
    if !zip(order, nodes.indices).allSatisfy({ $0 == $1 }) { keep(order) }
  }
}

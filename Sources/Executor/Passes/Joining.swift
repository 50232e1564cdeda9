import EspalierGraph

/// A program while nodes of it are joined into others.
struct Joining {
  private(set) var program: Program
  private(set) var users: [[Int]]
  private var isGone: [Bool]
  private var fetched: Set<TensorID>

  init(_ program: Program) {
    self.program = program
    users = program.users()
    isGone = [Bool](repeating: false, count: program.nodes.count)
    fetched = Set(program.fetches)
  }

  var nodes: [Program.Node] { program.nodes }

  /// Returns the nodes that read a value.
  func readers(of value: TensorID) -> [Int] {
    users[value.node].filter { program.nodes[$0].inputs.contains(value) }
  }

  func isFetched(_ value: TensorID) -> Bool { fetched.contains(value) }

  /// Whether something other than `reader` needs a value.
  func isNeeded(_ value: TensorID, besides reader: Int) -> Bool {
    isFetched(value) || readers(of: value).contains { $0 != reader }
  }

  /// Returns what node `index` is as a convolution that can take clusters, or nil.
  func group(_ index: Int) -> ConvolutionGroup? {
    guard let group = ConvolutionGroup(program.nodes[index], program.nodes[index].inputs.map(program.type)) else {
      return nil
    }
    return group.takesClusters ? group : nil
  }

  /// Returns the cluster of node `index` if it computes float32 and writes no variable.
  func cluster(_ index: Int) -> Cluster? {
    guard let cluster = program.nodes[index].operation as? Cluster, cluster.type == .float32, cluster.assigned.isEmpty
    else { return nil }
    return cluster
  }

  /// Whether `goal` depends on `start`; with `indirectly`, whether it does so by way of other nodes.
  func depends(_ goal: Int, on start: Int, indirectly: Bool = false) -> Bool {
    var seen: Set<Int> = []
    var pending = users[start].filter { !(indirectly && $0 == goal) }
    while let next = pending.popLast() {
      if next == goal { return true }
      if seen.insert(next).inserted { pending += users[next] }
    }
    return false
  }

  /// Puts a node in the place of node `index`.
  mutating func replace(_ index: Int, by node: Program.Node) {
    program.nodes[index] = node
    users = program.users()
  }

  /// Puts a node in the place of node `kept`, which does the work of node `gone` as well; `values` says what stands for
  /// the values of both.
  mutating func join(_ gone: Int, into kept: Int, as node: Program.Node, _ values: [TensorID: TensorID]) {
    program.nodes[kept] = node
    remove(gone)
    for index in program.nodes.indices {
      program.nodes[index].inputs = program.nodes[index].inputs.map { values[$0] ?? $0 }
      guard program.nodes[index].control.contains(gone) else { continue }
      let control = program.nodes[index].control.map { $0 == gone ? kept : $0 }
      program.nodes[index].control = Set(control).subtracting([index]).sorted()
    }
    program.fetches = program.fetches.map { values[$0] ?? $0 }
    program.targets = Set(program.targets.map { $0 == gone ? kept : $0 }).sorted()
    fetched = Set(program.fetches)
    users = program.users()
  }

  /// Drops a node that nobody reads any more, unless somebody waits for it.
  mutating func dropIfUnused(_ index: Int) {
    guard users[index].isEmpty, !program.targets.contains(index),
      !program.fetches.contains(where: { $0.node == index })
    else { return }
    remove(index)
    users = program.users()
  }

  private mutating func remove(_ index: Int) {
    isGone[index] = true
    program.nodes[index] = Program.Node(
      operation: NoOp(), inputs: [], outputs: [], name: program.nodes[index].name, site: program.nodes[index].site)
  }

  /// Returns the program without what was joined into other nodes, in an order in which it can run.
  func finished() throws(ExecutionError) -> Program {
    var result = program
    result.keep(result.nodes.indices.filter { !isGone[$0] })
    try result.sort()
    return result
  }
}

/// The inputs of a node while others are added.
struct InputList {
  private(set) var values: [TensorID]

  init(_ values: [TensorID]) { self.values = values }

  /// Returns the number of a value among the inputs.
  mutating func number(of value: TensorID) -> Int {
    if let known = values.firstIndex(of: value) { return known }
    values.append(value)
    return values.count - 1
  }
}

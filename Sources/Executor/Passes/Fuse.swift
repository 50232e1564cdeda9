import EspalierGraph

extension Pass {
  /// Joins pointwise operations, stores to variables and reductions that run over the same elements into clusters, each
  /// of which is one pass over memory.
  ///
  ///     %2 = Mul(%0, %1); %3 = AddV2(%2, %1); %4 = Relu(%3)   →   %2 = Fused[relu(add(mul(#0, #1), #1))](%0, %1)
  ///     %1 = Sum(%0); %2 = Mul(%0, %0); %3 = Sum(%2)          →   %1, %1:1 = Fused[sum(#0); sum(mul(#0, #0))](%0)
  static let fuse = Pass("fuse") { program, _ throws(ExecutionError) in
    try program.orderVariableAccess()
    var clustering = Clustering(program)
    clustering.joinNeighbors()
    program = try clustering.fused()
  }
}

/// The nodes of a program in groups, at first each its own, and an order of the groups in which they can run.
struct Clustering {
  let program: Program
  let fusible: [Fusible?]
  let users: [[Int]]
  /// The nodes of which an output is fetched.
  let fetched: Set<Int>
  /// The group of each node, named after one of its nodes.
  private(set) var group: [Int]
  /// The nodes of each group, sorted.
  private(set) var members: [[Int]]
  /// The groups in an order in which each comes after those that it depends on.
  private(set) var order: [Int]
  private var rank: [Int]

  init(_ program: Program) {
    self.program = program
    fusible = program.nodes.map { Fusible($0, $0.inputs.map(program.type)) }
    users = program.users()
    fetched = Set(program.fetches.map(\.node))
    group = Array(program.nodes.indices)
    members = program.nodes.indices.map { [$0] }
    order = Array(program.nodes.indices)
    rank = order
  }

  /// Joins each node with those that its inputs come from, then with those that read the same inputs: what is made only
  /// for a later node goes to that one, and is not stored on the way.
  mutating func joinNeighbors() {
    let parts = program.nodes.indices.filter { fusible[$0] != nil }
    for node in parts {
      for input in program.nodes[node].inputs { join(node, input.node) }
    }
    for node in parts {
      for input in program.nodes[node].inputs where isLarge(input, for: node) {
        for sibling in users[input.node] where sibling < node { join(node, sibling) }
      }
    }
  }

  /// Whether reading this input once instead of twice is worth something.
  private func isLarge(_ input: TensorID, for node: Int) -> Bool {
    program.type(of: input).shape.known == fusible[node]?.extents
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = rank[group[a]] < rank[group[b]] ? (group[a], group[b]) : (group[b], group[a])
    guard first != second, let union = union(first, second), let between = between(first, second) else { return }
    merge(first, second, union, between)
  }

  /// Returns the nodes of both groups, or nil if they do not fit together.
  private func union(_ a: Int, _ b: Int) -> [Int]? {
    guard let left = fusible[members[a][0]], let right = fusible[members[b][0]], left.extents == right.extents else {
      return nil
    }
    let all = (members[a] + members[b]).sorted()
    return ClusterRules(self, all).areKept ? all : nil
  }

  /// Returns the groups that depend on `first` and run before `second`, or nil if `second` depends on one of them.
  private func between(_ first: Int, _ second: Int) -> Set<Int>? {
    var found: Set<Int> = []
    var pending = [first]
    while let next = pending.popLast() {
      for member in members[next] {
        for user in users[member] where rank[group[user]] <= rank[second] {
          let reached = group[user]
          if reached == second, next != first { return nil }
          if reached != second, reached != first, found.insert(reached).inserted { pending.append(reached) }
        }
      }
    }
    return found
  }

  /// Makes both groups one, in the place of the second; what depends on the first moves behind it.
  private mutating func merge(_ first: Int, _ second: Int, _ union: [Int], _ between: Set<Int>) {
    for member in members[second] { group[member] = first }
    members[first] = union
    members[second] = []
    let range = rank[first]...rank[second]
    let others = order[range].filter { $0 != first && $0 != second }
    let reordered = others.filter { !between.contains($0) } + [first] + others.filter(between.contains)
    // One place is left over; an empty group fills it.
    order.replaceSubrange(range, with: [second] + reordered)
    for position in range { rank[order[position]] = position }
  }
}

/// What must hold for nodes to be one cluster.
private struct ClusterRules {
  private let program: Program
  private let fusible: [Fusible?]
  private let users: [[Int]]
  private let fetched: Set<Int>
  private let all: [Int]
  private let set: Set<Int>

  init(_ clustering: Clustering, _ all: [Int]) {
    program = clustering.program
    fusible = clustering.fusible
    users = clustering.users
    fetched = clustering.fetched
    self.all = all
    set = Set(all)
  }

  var areKept: Bool { typesAgree && edgesAreElements && fitsTheMachine && variablesAreSafe }

  /// One compute type, one length of rows.
  private var typesAgree: Bool {
    var type: DataType?
    var rowLength: Int?
    for node in all {
      guard let part = fusible[node] else { return false }
      if let own = part.type {
        if let type, type != own { return false }
        type = own
      }
      if let own = part.rowLength {
        if let rowLength, rowLength != own { return false }
        rowLength = own
      }
    }
    return true
  }

  /// What one node of the cluster gives another one is a number for each element.
  private var edgesAreElements: Bool {
    all.allSatisfy { node in
      program.nodes[node].inputs.allSatisfy { input in
        guard set.contains(input.node) else { return true }
        return fusible[input.node]?.givesElements(program.type(of: input)) ?? false
      }
    }
  }

  private var fitsTheMachine: Bool {
    guard all.count <= 48 else { return false }
    var loads: Set<TensorID> = []
    var sums = 0
    var stores = 0
    for node in all {
      for input in program.nodes[node].inputs where !set.contains(input.node) { loads.insert(input) }
      switch fusible[node]?.role {
      case .reduce: sums += 1
      case .assign: stores += 1
      default: if fetched.contains(node) || users[node].contains(where: { !set.contains($0) }) { stores += 1 }
      }
    }
    return loads.count <= 24 && sums <= 12 && stores <= 12
  }

  /// A variable that is written is written once, and otherwise read only at the element that is written.
  private var variablesAreSafe: Bool {
    var written: Set<Int> = []
    for node in all {
      for write in program.nodes[node].writes {
        guard written.insert(program.home(of: program.nodes[node].inputs[write.input])).inserted else { return false }
      }
    }
    guard !written.isEmpty, let count = fusible[all[0]]?.extents.reduce(1, *) else { return true }
    return all.allSatisfy { node in
      program.nodes[node].inputs.allSatisfy { input in
        set.contains(input.node) || program.type(of: input).shape.count == count
          || !written.contains(program.home(of: input))
      }
    }
  }
}

extension Program {
  /// Returns the node in whose memory a value lies: that of a variable for all its versions, and through views.
  func home(of value: TensorID) -> Int {
    var current = value
    while true {
      let node = nodes[current.node]
      if let write = node.writes.first(where: { $0.output == current.index }) {
        current = node.inputs[write.input]
      } else if node.operation.fusion == .view {
        current = node.inputs[0]
      } else {
        return current.node
      }
    }
  }
}

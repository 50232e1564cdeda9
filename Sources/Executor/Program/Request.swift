import EspalierGraph

/// What a run is asked for: all that a plan depends on.
package struct Request: Hashable, Sendable {
  /// A tensor that is fed, and the full type of the value.
  package struct Feed: Hashable, Sendable {
    package var tensor: TensorID
    package var type: TensorType

    package init(tensor: TensorID, type: TensorType) {
      self.tensor = tensor
      self.type = type
    }
  }

  package var fetches: [TensorID]
  /// Nodes that run though no value of theirs is fetched.
  package var targets: [Int]
  package var feeds: [Feed]
  /// A value that is computed before any variable is written on which it does not depend.
  package var checked: TensorID?

  package init(fetches: [TensorID], targets: [Int] = [], feeds: [Feed] = [], checked: TensorID? = nil) {
    self.fetches = fetches
    self.targets = targets
    self.feeds = feeds
    self.checked = checked
  }
}

extension Program {
  /// Returns what `request` needs of `graph`, in the graph's order, with feeds in place of fed tensors.
  ///
  /// - Throws: `ExecutionError` for a placeholder that is needed and not fed.
  package init(_ graph: Graph, _ request: Request) throws(ExecutionError) {
    var selection = Selection(graph: graph, request: request)
    selection.collect()
    self.init()
    var position: [Int: Int] = [:]
    var fed: [TensorID: TensorID] = [:]
    for index in selection.usedFeeds.sorted() {
      let feed = request.feeds[index]
      let record = graph.record(feed.tensor.node)
      fed[feed.tensor] = TensorID(node: nodes.count, index: 0)
      let operation = EspalierExecutor.Feed(index: index, type: feed.type)
      nodes.append(
        Node(operation: operation, inputs: [], outputs: [feed.type], name: record.name, site: record.site))
    }
    func translated(_ id: TensorID) -> TensorID {
      fed[id] ?? TensorID(node: position[id.node] ?? -1, index: id.index)
    }
    for id in selection.needed.sorted() {
      let record = graph.record(id)
      try Self.checkFed(record)
      position[id] = nodes.count
      nodes.append(
        Node(
          operation: record.operation, inputs: record.inputs.map(translated),
          control: Set(record.controlInputs.compactMap { position[$0] }).sorted(), outputs: record.outputs,
          name: record.name, site: record.site))
    }
    fetches = request.fetches.map(translated)
    targets = Set(request.targets.compactMap { position[$0] }).sorted()
    if let checked = request.checked.flatMap({ position[$0.node] }) { try delayWrites(after: checked) }
  }

  /// Makes the nodes that write variables wait for a node, unless it depends on them.
  private mutating func delayWrites(after checked: Int) throws(ExecutionError) {
    var needed: Set<Int> = []
    var pending = [checked]
    while let next = pending.popLast() {
      if needed.insert(next).inserted { pending += nodes[next].dependencies }
    }
    // A node in between keeps the value and the writes from becoming one kernel.
    let barrier = nodes.count
    for index in nodes.indices where !needed.contains(index) {
      guard case .writes = nodes[index].operation.effect else { continue }
      nodes[index].control.append(barrier)
    }
    nodes.append(
      Node(operation: NoOp(), inputs: [], control: [checked], outputs: [], name: nodes[checked].name + "/checked"))
    try sort()
  }

  private static func checkFed(_ record: NodeRecord) throws(ExecutionError) {
    guard let placeholder = record.operation as? Placeholder else { return }
    let shape = placeholder.shape == .unknown ? "" : " and shape \(placeholder.shape)"
    throw ExecutionError(
      "You must feed a value for placeholder tensor '\(record.name)' with dtype "
        + "\(placeholder.dataType.messageName)\(shape)"
    ).located(operation: Placeholder.tfName, node: record.name, site: record.site)
  }
}

/// Finds the nodes that a request needs.
private struct Selection {
  let graph: Graph
  let request: Request
  var needed: Set<Int> = []
  var usedFeeds: Set<Int> = []

  mutating func collect() {
    let feeds = Dictionary(request.feeds.enumerated().map { ($1.tensor, $0) }) { first, _ in first }
    var pending = request.targets
    func visit(_ id: TensorID, _ used: inout Set<Int>) {
      if let feed = feeds[id] { used.insert(feed) } else { pending.append(id.node) }
    }
    for fetch in request.fetches { visit(fetch, &usedFeeds) }
    while let next = pending.popLast() {
      guard needed.insert(next).inserted else { continue }
      let record = graph.record(next)
      for input in record.inputs { visit(input, &usedFeeds) }
      pending += record.controlInputs.filter { control in
        // A fed node has its value already: nothing needs to run for it.
        !(graph.record(control).outputs.count == 1 && feeds[TensorID(node: control, index: 0)] != nil)
      }
    }
  }
}

extension DataType {
  /// The name that TensorFlow's runtime uses in messages: `float` where Python says `float32`.
  package var messageName: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    default: name
    }
  }
}

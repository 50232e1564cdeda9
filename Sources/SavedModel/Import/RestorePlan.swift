import EspalierFormats

/// Which tensor of a checkpoint goes into which variable: what the nodes that restore a model would do.
struct RestorePlan {
  /// One variable.
  struct Entry {
    /// The name of the variable's node.
    let variable: String
    /// The name in the checkpoint.
    let key: String
    /// The part of the tensor, `10 4 0,5:-`; empty for all of it.
    let slice: String
  }

  /// The variables that are restored.
  let entries: [Entry]
  private let nodes: [String: NodeDef]

  /// - Parameter metaGraph: A graph with a saver; without one, variables are restored under their own names.
  init(_ metaGraph: MetaGraphDef) throws(FormatError) {
    nodes = Dictionary(metaGraph.graph.nodes.map { ($0.name, $0) }) { first, _ in first }
    let names = nodes
    guard let saver = metaGraph.saver, !saver.restoreOperation.isEmpty else {
      entries = metaGraph.graph.nodes.filter { ImportTable.variables.contains($0.operation) }
        .map { Entry(variable: $0.name, key: $0.name, slice: "") }
      return
    }
    var found: [Entry] = []
    var seen: Set<String> = []
    var pending = [saver.restoreOperation]
    while let name = pending.popLast() {
      guard seen.insert(name).inserted, let node = names[name] else { continue }
      pending += node.inputs.compactMap { NodeReference($0)?.node }
      guard node.operation == "Assign" || node.operation == "AssignVariableOp" else { continue }
      if let entry = try Self.entry(of: node, names) { found.append(entry) }
    }
    entries = found.sorted { $0.variable < $1.variable }
  }

  /// Returns what an assignment restores, or nil if it assigns something else.
  private static func entry(of node: NodeDef, _ nodes: [String: NodeDef]) throws(FormatError) -> Entry? {
    guard node.inputs.count >= 2, let variable = NodeReference(node.inputs[0])?.node,
      var source = NodeReference(node.inputs[1])
    else { return nil }
    // Values of resource variables pass an Identity; each node is passed once at most.
    for _ in 0..<nodes.count {
      guard let next = nodes[source.node], next.operation == "Identity",
        let input = next.inputs.first.flatMap(NodeReference.init)
      else { break }
      source = input
    }
    guard let restore = nodes[source.node], restore.operation == "RestoreV2", restore.inputs.count >= 3 else {
      return nil
    }
    let keys = try strings(restore.inputs[1], nodes)
    let slices = try strings(restore.inputs[2], nodes)
    guard keys.indices.contains(source.output), slices.count == keys.count else { return nil }
    return Entry(variable: variable, key: keys[source.output], slice: slices[source.output])
  }

  private static func strings(_ input: String, _ nodes: [String: NodeDef]) throws(FormatError) -> [String] {
    guard let node = NodeReference(input).flatMap({ nodes[$0.node] }), node.operation == "Const",
      case .tensor(let value)? = node.attributes["value"]
    else { return [] }
    let strings = (try? value.decoded(limit: 1 << 20).strings()) ?? []
    return strings.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension ImportTable {
  /// Operations that are variables.
  static let variables: Set<String> = ["Variable", "VariableV2", "VarHandleOp"]
  /// Operations that read a resource variable.
  static let resourceReads: Set<String> = ["ReadVariableOp", "ResourceGather"]
}

import EspalierFormats
import EspalierGraph

/// Finds TensorFlow's loops over the elements of a tensor in a graph, and puts a `MapElements` in the place of each.
///
/// Other loops stay as they are, and cannot be imported.
struct MapLoopImport {
  private var nodes: [String: NodeDef]
  private let producer: Int64
  /// The ends of loops that were looked at.
  private var seen: Set<String> = []

  /// Returns a graph without such loops.
  static func collapsed(_ definition: GraphDef) -> GraphDef {
    let results = definition.nodes.filter { $0.operation == MapLoop.gatherOperation }
    if results.isEmpty { return definition }
    var loops = MapLoopImport(definition)
    var replaced: [String: NodeDef] = [:]
    for node in results { replaced[node.name] = loops.collapse(node) }
    var result = definition
    result.nodes = definition.nodes.compactMap { replaced[$0.name] ?? loops.nodes[$0.name] }
    return result
  }

  private init(_ definition: GraphDef) {
    nodes = Dictionary(definition.nodes.map { ($0.name, $0) }) { first, _ in first }
    producer = definition.producer
  }

  /// Removes the loop behind a result; returns what stands for it, or nil if it is no loop over elements.
  private mutating func collapse(_ result: NodeDef) -> NodeDef? {
    guard let exit = input(2, of: result, is: "Exit"), seen.insert(exit.name).inserted,
      let choice = input(0, of: exit, is: "Switch"),
      let merge = input(0, of: choice, is: "Merge"), let next = input(1, of: merge, is: "NextIteration"),
      let write = input(0, of: next, is: "TensorArrayWriteV3"), write.inputs.count > 2,
      let body = MapLoopBody(nodes, result: write.inputs[2]), let read = nodes[body.element],
      let scatter = outside(2, of: read), scatter.operation == "TensorArrayScatterV3", scatter.inputs.count == 4,
      let source = outside(0, of: read), let target = input(0, of: result, is: "TensorArrayV3")
    else { return nil }
    var attributes = result.attributes.filter { ["dtype", "element_shape"].contains($0.key) }
    attributes["body"] = .bytes(GraphDef(nodes: body.nodes, producer: producer).serialized)
    attributes["element"] = .bytes(Array((body.element + ":0").utf8))
    attributes["result"] = .bytes(Array(write.inputs[2].utf8))
    remove(loopEndingIn: exit, arrays: [source.name, target.name, scatter.name], keeping: result.name)
    return NodeDef(
      name: result.name, operation: MapElements.tfName, inputs: [scatter.inputs[2]], device: result.device,
      attributes: attributes)
  }

  private func input(_ index: Int, of node: NodeDef, is operation: String) -> NodeDef? {
    guard node.inputs.indices.contains(index), let reference = NodeReference(node.inputs[index]),
      let found = nodes[reference.node], found.operation == operation
    else { return nil }
    return found
  }

  /// Returns the node outside of a loop whose value comes in as an input.
  private func outside(_ index: Int, of node: NodeDef) -> NodeDef? {
    guard let entrance = input(index, of: node, is: "Enter"), let source = entrance.inputs.first else { return nil }
    return NodeReference(source).flatMap { nodes[$0.node] }
  }

  /// Takes away what is in the loop and what depends on it or its arrays.
  private mutating func remove(loopEndingIn exit: NodeDef, arrays: [String], keeping result: String) {
    var removed = Set(arrays)
    var pending = [exit.name]
    while let name = pending.popLast() {
      guard let node = nodes[name], removed.insert(name).inserted, node.operation != "Enter" else { continue }
      pending += node.inputs.compactMap { NodeReference($0)?.node }
    }
    var dependents: [String: [String]] = [:]
    for node in nodes.values {
      for input in node.inputs { dependents[NodeReference(input)?.node ?? "", default: []].append(node.name) }
    }
    pending = Array(removed)
    while let name = pending.popLast() {
      for dependent in dependents[name] ?? [] where dependent != result && removed.insert(dependent).inserted {
        pending.append(dependent)
      }
    }
    for name in removed { nodes[name] = nil }
  }
}

/// What a loop does with an element, as a graph of its own.
private struct MapLoopBody {
  /// The node that reads the element, which becomes a placeholder.
  private(set) var element = ""
  private(set) var nodes: [NodeDef] = []

  /// Returns nil if there is something in it that has to do with the loop itself.
  init?(_ graph: [String: NodeDef], result: String) {
    var seen: Set<String> = []
    var pending = [result]
    while let next = pending.popLast() {
      guard let reference = NodeReference(next), !reference.isControl else { continue }
      guard var node = graph[reference.node] else { return nil }
      guard seen.insert(node.name).inserted else { continue }
      switch node.operation {
      case "TensorArrayReadV3":
        guard element.isEmpty else { return nil }
        element = node.name
        node = NodeDef(
          name: node.name, operation: "Placeholder", attributes: node.attributes.filter { $0.key == "dtype" })
      case "Enter":
        guard let value = Self.constant(graph, node.inputs.first) else { return nil }
        node = NodeDef(name: node.name, operation: value.operation, attributes: value.attributes)
      case "Switch", "Merge", "NextIteration", "Exit", "LoopCond", "TensorArrayWriteV3", MapLoop.gatherOperation,
        MapElements.tfName:
        return nil
      default:
        // What only has to run before is a check, or holds a constant in the loop.
        node.inputs = node.inputs.filter { !$0.hasPrefix("^") }
        pending += node.inputs
      }
      nodes.append(node)
    }
    if element.isEmpty { return nil }
  }

  /// Returns the constant that a name stands for, also through copies of it.
  private static func constant(_ graph: [String: NodeDef], _ name: String?) -> NodeDef? {
    var name = name
    for _ in 0..<8 {
      guard let node = name.flatMap(NodeReference.init).flatMap({ graph[$0.node] }) else { return nil }
      if node.operation == "Const" { return node }
      guard ["Identity", "Enter"].contains(node.operation) else { return nil }
      name = node.inputs.first
    }
    return nil
  }
}

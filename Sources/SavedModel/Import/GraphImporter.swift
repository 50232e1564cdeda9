import EspalierFormats
import EspalierGraph

/// Adds the nodes of a graph from a file to a graph.
///
/// Nodes may come in any order. What cannot be imported, and what needs it, is left out with the reason.
struct GraphImporter {
  /// What became of a node.
  private enum Outcome {
    /// The node that others mean who have to run after it, and its outputs.
    case imported(Node?, [Tensor])
    case leftOut(GraphError)
  }

  /// How graphs were meant before this version, which gave placeholders of unknown rank the shape of a scalar.
  private static let firstProducerWithPlaceholderShapes: Int64 = 24

  private let definition: GraphDef
  private let graph: Graph
  private let prefix: String
  private let site: SourceSite?
  private let isTrainable: (String) -> Bool
  private var outcomes: [String: Outcome] = [:]
  /// Handles of resource variables by their shared names.
  private var shared: [String: Tensor] = [:]
  /// The tensors by which variables are read, by their handles: gradients are asked for with respect to these.
  private var reads: [Tensor: Tensor] = [:]
  private var budget: Int

  /// - Parameters:
  ///   - prefix: What goes before the names of all nodes, with a slash; empty leaves them as they are.
  ///   - isTrainable: Whether the constant of this name becomes a variable.
  init(
    _ definition: GraphDef, into graph: Graph, prefix: String, site: SourceSite?, budget: Int,
    isTrainable: @escaping (String) -> Bool = { _ in false }
  ) {
    self.definition = MapLoopImport.collapsed(definition)
    self.graph = graph
    self.prefix = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
    self.site = site
    self.budget = budget
    self.isTrainable = isTrainable
  }

  /// Makes a tensor of the graph stand for one of the file.
  mutating func replace(_ name: String, with tensor: Tensor) throws(GraphError) {
    guard let reference = NodeReference(name), reference.output == 0 else {
      throw GraphError("'\(name)' is not the first output of a node")
    }
    outcomes[reference.node] = .imported(tensor.node, [tensor])
  }

  /// The names of all nodes that can be asked for.
  var nodeNames: [String] { definition.nodes.map(\.name) }

  /// Adds the nodes that `names` (nodes or tensors) need; all, if it is nil.
  mutating func run(needed names: [String]? = nil) throws(GraphError) {
    let order = try ImportOrder(definition).nodes(needed: names)
    for index in order {
      let node = definition.nodes[index]
      if outcomes[node.name] == nil { outcomes[node.name] = outcome(of: node) }
    }
  }

  private mutating func outcome(of node: NodeDef) -> Outcome {
    do throws(GraphError) { return try imported(node) } catch {
      return .leftOut(error)
    }
  }

  private mutating func imported(_ node: NodeDef) throws(GraphError) -> Outcome {
    var inputs: [Tensor] = []
    var controls: [Node] = []
    for input in node.inputs {
      guard let reference = NodeReference(input) else { throw Self.error(node, "'\(input)' is not an input") }
      if reference.isControl {
        if let control = try self.node(reference.node) { controls.append(control) }
      } else {
        inputs.append(try tensor(reference))
      }
    }
    guard let row = ImportTable.rows[node.operation] else { throw Self.refusal(of: node) }
    // A model reads a resource variable in many places. What has to wait for an assignment reads it anew.
    if ImportTable.resourceReads.contains(node.operation), controls.isEmpty,
      let read = inputs.first.flatMap({ reads[$0] })
    {
      inputs[0] = read
    }
    let attributes = NodeAttributes(normalized(node), budget: budget)
    let target = NodeImport(graph: graph, name: prefix + node.name, inputs: inputs, attributes: attributes, site: site)
    defer { budget = attributes.budget }
    if node.operation == "VarHandleOp", let known = shared[Self.sharedName(of: node)] {
      return .imported(known.node, [known])
    }
    let context = BuildContext(graph: graph).with(\.control, controls).with(\.device, node.device)
      .with(\.colocation, neighbours(of: node)).with(\.gradientOverrides, gradientOverrides(of: node))
    do throws(GraphError) {
      let outputs = try context.enter { () throws(GraphError) in try add(node, row, target) }
      if node.operation == "VarHandleOp", let handle = outputs.first {
        shared[Self.sharedName(of: node)] = handle
        reads[handle] = try context.enter { () throws(GraphError) in try target.add(Identity(), [handle], part: "read")
        }.first
      }
      return .imported(target.last, outputs)
    } catch {
      throw Self.error(node, error.message)
    }
  }

  /// Returns the names that the nodes have here whose device a node shares.
  private func neighbours(of node: NodeDef) -> [String] {
    guard case .list(let classes)? = node.attributes["_class"] else { return [] }
    let start = Array("loc:@".utf8)
    return classes.strings.filter { $0.starts(with: start) }.map {
      prefix + String(decoding: $0.dropFirst(start.count), as: UTF8.self)
    }
  }

  private func gradientOverrides(of node: NodeDef) -> [String: String] {
    guard case .bytes(let name)? = node.attributes["_gradient_op_type"] else { return [:] }
    return [node.operation: String(decoding: name, as: UTF8.self)]
  }

  private func add(_ node: NodeDef, _ row: ImportRow, _ target: NodeImport) throws(GraphError) -> [Tensor] {
    var outputs: [Tensor]
    switch row {
    case .operation(let make):
      let operation = try make(target.attributes)
      if let constant = operation as? Constant, isTrainable(node.name) {
        outputs = [try target.addVariable(constant.value)]
      } else {
        outputs = try target.add(operation, target.inputs)
      }
    case .nodes(let make): outputs = try make(target)
    }
    try target.attributes.checkAllAsked()
    return outputs
  }

  /// Returns the attributes as later versions would have written them.
  private func normalized(_ node: NodeDef) -> [String: NodeAttribute] {
    guard node.operation == "Placeholder", definition.producer < Self.firstProducerWithPlaceholderShapes,
      case .shape(let shape)? = node.attributes["shape"], shape.rank == 0
    else { return node.attributes }
    return node.attributes.filter { $0.key != "shape" }
  }

  private static func sharedName(of node: NodeDef) -> String {
    guard case .bytes(let name)? = node.attributes["shared_name"], !name.isEmpty else { return node.name }
    return String(decoding: name, as: UTF8.self)
  }

  private static func refusal(of node: NodeDef) -> GraphError {
    if ImportTable.reachOutside.contains(node.operation) {
      return error(node, "the operation reaches for files or programs of this machine, which graphs from files may not")
    }
    return error(node, "the operation is not known here")
  }

  private static func error(_ node: NodeDef, _ message: String) -> GraphError {
    GraphError("node '\(node.name)' (\(node.operation)): \(message)")
  }
}

extension GraphImporter {
  /// Returns an imported tensor, `node:1`.
  ///
  /// - Throws: `GraphError` if there is none, or the reason why it was left out.
  func tensor(named name: String) throws(GraphError) -> Tensor {
    guard let reference = NodeReference(name), !reference.isControl else {
      throw GraphError("'\(name)' is not the name of a tensor")
    }
    return try tensor(reference)
  }

  /// Returns an imported node; nil for one that became nothing.
  ///
  /// - Throws: `GraphError` if there is none, or the reason why it was left out.
  func node(_ name: String) throws(GraphError) -> Node? {
    switch outcomes[name] {
    case .imported(let node, _): return node
    case .leftOut(let reason): throw reason
    case nil: throw GraphError("the graph has no node '\(name)'")
    }
  }

  /// Why nodes were left out, by name.
  var leftOut: [String: GraphError] {
    outcomes.compactMapValues { outcome in
      if case .leftOut(let reason) = outcome { reason } else { nil }
    }
  }

  /// Returns the tensor by which a resource variable is read, or nil for other variables.
  func read(of handle: Tensor) -> Tensor? { reads[handle] }

  private func tensor(_ reference: NodeReference) throws(GraphError) -> Tensor {
    switch outcomes[reference.node] {
    case .imported(_, let outputs):
      guard outputs.indices.contains(reference.output) else {
        throw GraphError("node '\(reference.node)' has no output \(reference.output)")
      }
      return outputs[reference.output]
    case .leftOut(let reason): throw reason
    case nil: throw GraphError("the graph has no node '\(reference.node)'")
    }
  }
}

extension NodeImport {
  /// Returns the value of a new trainable variable that starts with `value`.
  fileprivate func addVariable(_ value: HostTensor) throws(GraphError) -> Tensor {
    let handle = try add(VariableV2(dataType: value.dataType, shape: value.shape), [])[0]
    let initial = try add(Constant(value), [], part: "Initializer/Const")[0]
    let assign = try add(Assign(), [handle, initial], part: "Assign")[0]
    let read = try add(Identity(), [handle], part: "read")[0]
    graph.adopt(
      Variable(handle: handle, value: read, initializer: assign.node, initialValue: initial, isTrainable: true),
      into: [.globalVariables, .trainableVariables])
    return read
  }
}

/// An input as files spell it: `node`, `node:1`, `^node`.
struct NodeReference {
  let node: String
  let output: Int
  let isControl: Bool

  init?(_ text: String) {
    isControl = text.hasPrefix("^")
    let name = isControl ? text.dropFirst() : text[...]
    guard let colon = name.lastIndex(of: ":") else {
      node = String(name)
      output = 0
      return
    }
    guard !isControl, let number = Int(name[name.index(after: colon)...]), number >= 0 else { return nil }
    node = String(name[..<colon])
    output = number
  }
}

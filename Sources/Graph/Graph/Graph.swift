/// A symbolic computation: an append-only array of nodes, each after all of its inputs.
///
/// A graph is built in one isolation domain, inside `withGraph`. A bad call does not stop the program: it is recorded
/// here with its place, its result is a poisoned tensor, and running, differentiating, training or exporting throws it.
///
/// Source: `tf.Graph`.
public final class Graph {
  package private(set) var records: [NodeRecord] = []
  private var nodeByName: [String: Int] = [:]
  private var namesInUse: [String: Int] = [:]
  /// Counts uses of default names of variable scopes, by the path that they would have.
  var variableScopeCounts: [String: Int] = [:]
  /// The variables by name.
  var variables: [String: Variable] = [:]
  var collections: [CollectionKey: [any CollectionMember]] = [:]
  /// The functions that compute gradients in place of operations, by the names under which nodes ask for them.
  package var gradientFunctions: [String: GradientFunction] = [:]

  /// The mistakes made in building the graph, in order.
  public private(set) var diagnostics: [GraphError] = []
  /// Whether the graph is closed to further nodes.
  public private(set) var isFinalized = false
  /// The seed of all random operations that have none of their own; nil makes each session draw differently.
  ///
  /// Source: `tf.set_random_seed`.
  public var seed: Int?

  /// Returns an empty graph.
  public init() {}

  /// The nodes in the order in which they were added.
  public var nodes: [Node] { records.indices.map { Node(graph: self, id: $0) } }
  /// The number of nodes.
  public var nodeCount: Int { records.count }

  /// Closes the graph: every later addition fails with "Graph is finalized and cannot be modified."
  public func finalize() {
    isFinalized = true
  }

  /// Opens a closed graph again, for `body` only.
  package func whileUnlocked<Result>(_ body: () throws -> Result) rethrows -> Result {
    let wasFinalized = isFinalized
    isFinalized = false
    defer { isFinalized = wasFinalized }
    return try body()
  }

  /// Throws the first mistake that was made in building the graph, if there is one.
  public func check() throws(GraphError) {
    if let first = diagnostics.first { throw first }
  }

  /// Returns the node with this name, or nil.
  public func node(named name: String) -> Node? {
    nodeByName[name].map { Node(graph: self, id: $0) }
  }

  /// Returns the tensor with this name, `node:0`, or nil. Without a number, output 0 is meant.
  public func tensor(named name: String) -> Tensor? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let node = node(named: String(parts[0])) else { return nil }
    guard let index = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
    return node.record.outputs.indices.contains(index) ? Tensor(node, index) : nil
  }

  /// Returns a new node that applies `operation` to `inputs`, in the current name scope, device and control
  /// dependencies; for importers and others who want a mistake at once.
  ///
  /// - Parameter name: The last part of its name, made unique; by default TensorFlow's name of the operation.
  /// - Throws: `GraphError` if the graph is finalized, an input is of another graph or failed, or the types do not fit.
  @discardableResult
  public func add(
    _ operation: any Operation, inputs: [Tensor] = [], name: String? = nil, site: SourceSite? = nil
  ) throws(GraphError) -> Node {
    let context = BuildContext.current
    let path = uniqueName(name ?? operation.name, in: context.nameScope(of: self))
    do throws(GraphError) {
      return try append(operation, inputs, path, context, site)
    } catch {
      throw located(error, operation, inputs, path, site)
    }
  }

  private func append(
    _ operation: any Operation, _ inputs: [Tensor], _ path: String, _ context: BuildContext, _ site: SourceSite?
  ) throws(GraphError) -> Node {
    guard !isFinalized else { throw GraphError("Graph is finalized and cannot be modified.") }
    for input in inputs {
      guard input.graph === self else {
        throw GraphError("Tensor \(input.name) must be from the same graph as the operation that uses it.")
      }
      guard !input.isPoisoned else { throw GraphError("an input is the result of a call that failed") }
    }
    let outputs = try operation.outputTypes(inputs.map(\.type))
    let record = NodeRecord(
      name: path, operation: operation, inputs: inputs.map(\.id), controlInputs: context.controlInputs(of: self),
      outputs: outputs, device: context.device, site: site, colocation: context.colocation,
      gradientName: context.gradientOverrides[operation.name])
    nodeByName[path] = records.count
    records.append(record)
    return Node(graph: self, id: records.count - 1)
  }

  private func located(
    _ error: GraphError, _ operation: any Operation, _ inputs: [Tensor], _ path: String, _ site: SourceSite?
  ) -> GraphError {
    var result = error
    result.operation = result.operation ?? operation.name
    result.node = result.node ?? path
    result.site = result.site ?? site
    if result.operands.isEmpty {
      result.operands = inputs.filter { !$0.isPoisoned }.map {
        GraphError.Operand(name: $0.name, type: $0.type, site: $0.node.site)
      }
    }
    return result
  }

  /// Records a mistake and goes on.
  package func report(_ error: GraphError, site: SourceSite? = nil) {
    var located = error
    located.site = located.site ?? site
    diagnostics.append(located)
  }

  package func record(_ id: Int) -> NodeRecord {
    records.indices.contains(id) ? records[id] : Self.failedRecord
  }

  package func type(of id: TensorID) -> TensorType {
    guard records.indices.contains(id.node) else { return Self.failedType }
    let outputs = records[id.node].outputs
    return outputs.indices.contains(id.index) ? outputs[id.index] : Self.failedType
  }

  /// Narrows what is known of a tensor's shape.
  ///
  /// - Throws: `GraphError` if the shapes contradict each other.
  func narrow(_ tensor: Tensor, to shape: Shape) throws(GraphError) {
    guard records.indices.contains(tensor.id.node) else { return }
    let type = tensor.type
    guard let merged = type.shape.merged(with: shape) else {
      throw GraphError("Shapes \(type.shape) and \(shape) are not compatible")
    }
    records[tensor.id.node].outputs[tensor.id.index] = TensorType(type.dataType, merged, value: type.value)
  }

  /// Forgets what is known of a tensor's shape beyond `shape`: of one that is fed with values of other shapes.
  ///
  /// - Throws: `GraphError` if the shapes contradict each other.
  package func widen(_ tensor: Tensor, to shape: Shape) throws(GraphError) {
    guard records.indices.contains(tensor.id.node) else { return }
    let type = tensor.type
    guard type.shape.isCompatible(with: shape) else {
      throw GraphError("Shapes \(type.shape) and \(shape) are not compatible")
    }
    records[tensor.id.node].outputs[tensor.id.index] = TensorType(type.dataType, shape)
  }

  private static let failedType = TensorType(.float32, .unknown)
  private static let failedRecord = NodeRecord(
    name: "<failed>", operation: NoOp(), inputs: [], controlInputs: [], outputs: [], device: "", site: nil)
}

extension Graph {
  /// Marks a full path as used, for importers, who name nodes themselves.
  ///
  /// - Throws: `GraphError` if a node has it already.
  package func claim(_ path: String) throws(GraphError) {
    guard nodeByName[path] == nil else { throw GraphError("the graph has a node '\(path)' already") }
    namesInUse[path.lowercased(), default: 0] += 1
  }

  /// Returns `name` in `scope`, followed by `_1`, `_2`… if that name is in use, and marks it as used.
  ///
  /// Names that differ only in case count as the same. A name that ends in `/` is a path of its own and taken as it is.
  ///
  /// Source: `tf.Graph.unique_name`.
  package func uniqueName(_ name: String, in scope: String) -> String {
    if name.hasSuffix("/") { return String(name.dropLast()) }
    let path = scope.isEmpty ? name : scope + "/" + name
    let key = path.lowercased()
    let uses = namesInUse[key] ?? 0
    namesInUse[key] = uses + 1
    guard uses > 0 else { return path }
    var number = uses
    while namesInUse["\(key)_\(number)"] != nil { number += 1 }
    namesInUse["\(key)_\(number)"] = 1
    return "\(path)_\(number)"
  }
}

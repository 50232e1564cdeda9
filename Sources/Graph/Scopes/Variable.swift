/// A tensor that keeps its value from one run to the next.
///
/// Source: `tf.Variable`.
public struct Variable {
  /// The output of the variable's own node: what assignments change.
  public let handle: Tensor
  /// The value as a model reads it. A run that also assigns the variable reads the value from before the assignment,
  /// unless the reading node has a control dependency on it.
  public let value: Tensor
  /// The node that gives the variable its initial value.
  public let initializer: Node
  /// The initial value.
  public let initialValue: Tensor
  /// Whether optimizers train it.
  public let isTrainable: Bool
  /// Which part of a larger variable it is; nil for most.
  public let slice: VariableSlice?

  package init(
    handle: Tensor, value: Tensor, initializer: Node, initialValue: Tensor, isTrainable: Bool,
    slice: VariableSlice? = nil
  ) {
    self.handle = handle
    self.value = value
    self.initializer = initializer
    self.initialValue = initialValue
    self.isTrainable = isTrainable
    self.slice = slice
  }

  /// The name, `resnet/conv2d/kernel`.
  public var name: String { handle.node.name }
  /// The graph that it belongs to.
  public var graph: Graph { handle.graph }
  /// The element type.
  public var dataType: DataType { handle.dataType }
  /// The extents; empty for a variable whose creation failed.
  public var shape: [Int] { handle.shape.known ?? [] }
}

extension Variable: Hashable {
  public static func == (a: Variable, b: Variable) -> Bool { a.handle == b.handle }
  public func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}

/// Returns the tensor by which a model reads a variable: an existing one or a new one, as the scope says.
///
/// - Parameters:
///   - name: Its name inside the current variable scope.
///   - initializer: By default that of the scope, else Glorot uniform for floating types and zeros for others.
///   - regularizer: By default that of the scope; its loss joins `regularization_losses`.
///   - trainable: Whether it joins `trainable_variables`.
///   - collections: The collections that it joins, by default `global_variables`.
///   - partitioner: Cuts it into parts, variables of their own that are read as one; by default that of the scope.
///   - cachingDevice: Where it is read from; by default that of the scope. There is one memory, so nothing is copied.
///
/// Source: `tf.get_variable`.
public func getVariable(
  _ name: String, shape: [Int], dataType: DataType = .float32, initializer: Initializer? = nil,
  regularizer: Regularizer? = nil, trainable: Bool = true, collections: [CollectionKey]? = nil,
  partitioner: Partitioner? = nil, cachingDevice: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> VariableValue {
  BuildContext.at(file, line) {
    let scope = BuildContext.current.variableScope
    let request = VariableRequest(
      name: scope.name.isEmpty ? name : scope.name + "/" + name, shape: shape, dataType: dataType,
      initializer: initializer ?? scope.initializer, regularizer: regularizer ?? scope.regularizer,
      isTrainable: trainable, collections: collections, partitioner: partitioner ?? scope.partitioner,
      cachingDevice: cachingDevice ?? scope.cachingDevice)
    var getter: (VariableRequest) -> VariableValue = { VariableFactory(request: $0, reuse: scope.reuse).value() }
    for custom in scope.customGetters {
      let inner = getter
      getter = { custom(inner, $0) }
    }
    return getter(request)
  }
}

/// Returns a new variable with a full name, whatever scope is around, that is not trained.
///
/// - Parameter slice: Which part of a larger variable it is, if it is one.
package func makeVariable(
  named path: String, shape: [Int], dataType: DataType, initializer: @escaping Initializer,
  collections: [CollectionKey],
  slice: VariableSlice?
) -> Variable {
  let request = VariableRequest(
    name: path, shape: shape, dataType: dataType, initializer: initializer, isTrainable: false,
    collections: collections, slice: slice)
  return VariableFactory(request: request, reuse: .create).value().variable
}

/// Returns the variables that optimizers train, those whose name begins with `scope` if given.
public func trainableVariables(in graph: Graph, scope: String? = nil) -> [Variable] {
  graph.collection(.trainableVariables, scope: scope)
}

/// Finds or makes the variable of one request.
struct VariableFactory {
  let request: VariableRequest
  let reuse: VariableReuse

  var graph: Graph { BuildContext.current.requiredGraph }

  func value() -> VariableValue {
    if let parts = partitioned() { return parts }
    if let existing = graph.variables[request.name] {
      check(existing)
      return VariableValue(variable: existing, tensor: existing.value)
    }
    if reuse == .reuse {
      graph.report(
        GraphError(
          "Variable \(request.name) does not exist, or was not created with tf.get_variable(). "
            + "Did you mean to set reuse=tf.AUTO_REUSE in VarScope?"), site: BuildContext.current.site)
      return poisoned()
    }
    let made = withoutControlDependencies { make() }
    return VariableValue(variable: made, tensor: made.value)
  }

  private func check(_ existing: Variable) {
    let site = BuildContext.current.site
    if reuse == .create {
      graph.report(
        GraphError(
          "Variable \(request.name) already exists, disallowed. "
            + "Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?"), site: site)
    } else if existing.shape != request.shape {
      graph.report(
        GraphError(
          "Trying to share variable \(request.name), but specified shape \(Shape(request.shape).tuple) "
            + "and found shape \(Shape(existing.shape).tuple)."), site: site)
    } else if existing.dataType != request.dataType {
      graph.report(
        GraphError(
          "Trying to share variable \(request.name), but specified dtype \(request.dataType) "
            + "and found dtype \(existing.dataType)."), site: site)
    }
  }

  private func make() -> Variable {
    let site = BuildContext.current.site
    var context = BuildContext.current
    if let device = context.variablePlacement?.device(of: request, in: graph) { context.device = device }
    if context.colocation.isEmpty { context.colocation = [request.name] }
    // The name is a path of its own: name scopes around do not change it.
    return context.with(\.nameScope, "").enter {
      let operation = VariableV2(dataType: request.dataType, shape: request.shape)
      let handle = Tensor(graph.node(operation, name: request.name, site: site))
      return BuildContext.current.with(\.nameScope, request.name).enter { finish(handle, site) }
    }
  }

  private func finish(_ handle: Tensor, _ site: SourceSite?) -> Variable {
    let initial = nameScope("Initializer") {
      (request.initializer ?? defaultInitializer(request.dataType))(request.shape, request.dataType)
    }
    let assign = graph.node(Assign(), [handle, initial], site: site)
    let read = Tensor(graph.node(Identity(), [handle], name: "read", site: site))
    let variable = Variable(
      handle: handle, value: read, initializer: assign, initialValue: initial, isTrainable: request.isTrainable,
      slice: request.slice)
    graph.register(variable, request)
    return variable
  }

  func poisoned() -> VariableValue {
    let node = Node(graph: graph, id: -1)
    let tensor = Tensor(node)
    let variable = Variable(
      handle: tensor, value: tensor, initializer: node, initialValue: tensor, isTrainable: request.isTrainable)
    return VariableValue(variable: variable, tensor: tensor)
  }
}

extension Graph {
  fileprivate func register(_ variable: Variable, _ request: VariableRequest) {
    guard !variable.handle.isPoisoned else { return }
    variables[request.name] = variable
    for key in request.collections ?? [.globalVariables] { add(variable, to: key) }
    if request.isTrainable { add(variable, to: .trainableVariables) }
    guard let regularizer = request.regularizer else { return }
    let loss = BuildContext.current.with(\.nameScope, request.name).enter {
      nameScope("Regularizer") { regularizer(variable.value) }
    }
    if let loss { add(loss, to: .regularizationLosses) }
  }

  /// Makes a variable of an imported graph known, so that it is trained, saved and shared like others.
  package func adopt(_ variable: Variable, into keys: [CollectionKey]) {
    variables[variable.name] = variable
    for key in keys { add(variable, to: key) }
  }

  /// Returns the variable with this name, or nil.
  public func variable(named name: String) -> Variable? { variables[name] }
}

extension Shape {
  /// The shape as Python writes it, `(2, 3)`: for messages that mirror TensorFlow's.
  public var tuple: String {
    guard let extents else { return "<unknown>" }
    let words = extents.map { $0.map(String.init) ?? "None" }
    return words.count == 1 ? "(\(words[0]),)" : "(\(words.joined(separator: ", ")))"
  }
}

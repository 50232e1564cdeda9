import EspalierGradients
import EspalierGraph

/// Which gradients wait for each other before they are used.
///
/// Source: `tf.train.Optimizer.GATE_NONE`, `GATE_OP`, `GATE_GRAPH`.
public enum GateGradients: Int, Hashable, Sendable, CaseIterable {
  /// None.
  case none = 0
  /// Those of the inputs of one operation.
  case op = 1
  /// All that are applied.
  case graph = 2
}

/// A way to move variables so that a loss falls.
///
///     let optimizer = MomentumOptimizer(learningRate: rate, momentum: 0.9)
///     let trainOp = try optimizer.minimize(loss, globalStep: getOrCreateGlobalStep())
///
/// `minimize` computes gradients and applies them; call both steps yourself to change gradients in between. For an
/// optimizer of your own, subclass this and override `makeSlots(for:)` and `step(of:against:)`.
///
/// Source: `tf.train.Optimizer`.
open class Optimizer {
  /// The name scope of its nodes, and the last part of the names of its slots.
  public let name: String
  private var slots: [String: [Variable: Variable]] = [:]
  /// The names of the slots, in the order in which they were made: `momentum`.
  public private(set) var slotNames: [String] = []
  private var ownVariables: [Variable] = []
  private var prepared: [String: Tensor] = [:]
  /// Whether the updates that are built next are made when they run; nil for always.
  var condition: Tensor?

  /// Returns an optimizer with this name.
  public init(name: String) {
    self.name = name
  }

  // MARK: What subclasses say

  /// The numbers that the optimizer works with, by TensorFlow's names: `learning_rate`.
  open var hyperparameters: [(name: String, value: any TensorConvertible)] { [] }

  /// Makes what the optimizer remembers of each variable, with `makeSlot` and `makeVariable`.
  open func makeSlots(for variables: [Variable]) {}

  /// Returns the update that moves `variable` against `gradient`.
  open func step(of variable: Variable, against gradient: Tensor) -> UpdateStep {
    UpdateStep(ApplyGradientDescent(), [variable.handle, hyperparameter("learning_rate", for: variable), gradient])
  }

  /// Whether a gradient of which only some rows are given moves all rows, as one that is zero elsewhere.
  open var updatesAllRows: Bool { false }

  /// Returns nodes that must run after all updates.
  open func afterUpdates() -> [Node] { [] }

  // MARK: What users call

  /// Returns the node of one training step: computes the gradients of `loss` and applies them.
  ///
  /// - Parameters:
  ///   - globalStep: The counter to add 1 to after the updates.
  ///   - variables: What to move, by default all trainable variables.
  ///   - gateGradients: Which gradients wait for each other. TensorFlow's default is `op`; here the order of a step is
  ///     planned before it runs, and the values are the same whatever waits.
  ///   - aggregationMethod: How gradients that reach one tensor are added up.
  ///   - colocateGradientsWithOps: Whether the nodes of an operation's gradient go to the device of its node.
  ///   - gradLoss: The gradient that comes in for the loss, by default 1.
  ///   - name: The name of the node, by default that of the optimizer.
  /// - Throws: `GraphError` if the graph holds a mistake, there is nothing to move, or no variable has a gradient.
  public func minimize(
    _ loss: Tensor, globalStep: Variable? = nil, variables: [Variable]? = nil, gateGradients: GateGradients = .none,
    aggregationMethod: AggregationMethod = .addN, colocateGradientsWithOps: Bool = false, gradLoss: Tensor? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> Node {
    let pairs = try computeGradients(
      of: loss, variables: variables, gateGradients: gateGradients, aggregationMethod: aggregationMethod,
      colocateGradientsWithOps: colocateGradientsWithOps, gradLoss: gradLoss, file: file, line: line)
    guard pairs.contains(where: { $0.gradient != nil }) else {
      let names = pairs.map { "'\($0.variable.name)'" }.joined(separator: ", ")
      throw GraphError(
        "No gradients provided for any variable, check your graph for ops that do not support gradients, "
          + "between variables [\(names)] and loss \(loss.name).", file: file, line: line)
    }
    return try applyGradients(pairs, globalStep: globalStep, name: name, file: file, line: line)
  }

  /// Returns the gradient of `loss` with respect to each variable; nil for one that it does not depend on.
  ///
  /// The parameters are those of `minimize`.
  ///
  /// - Throws: `GraphError` as `minimize` does.
  open func computeGradients(
    of loss: Tensor, variables: [Variable]? = nil, gateGradients: GateGradients = .none,
    aggregationMethod: AggregationMethod = .addN, colocateGradientsWithOps: Bool = false, gradLoss: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> [GradientAndVariable] {
    let variables = variables ?? trainableVariables(in: loss.graph)
    try loss.graph.check()
    guard !variables.isEmpty else { throw GraphError("No variables to optimize.", file: file, line: line) }
    let computed = try gradients(
      of: [loss], withRespectTo: variables.map(\.value), gradYs: gradLoss.map { [$0] },
      gateGradients: gateGradients == .op, aggregationMethod: aggregationMethod,
      colocateGradientsWithOps: colocateGradientsWithOps, file: file, line: line)
    let gated = gateGradients == .graph && computed.contains { $0 != nil }
    let given = gated ? building(in: loss.graph, file, line) { tuple(computed) } : computed
    return zip(given, variables).map { GradientAndVariable($0, $1) }
  }

  /// Returns the node of one training step: applies gradients, then adds 1 to `globalStep`.
  ///
  /// Pairs without a gradient are left out. The node joins the collection `train_op`.
  ///
  /// - Throws: `GraphError` if no pair has a gradient, or the graph holds a mistake.
  open func applyGradients(
    _ pairs: [GradientAndVariable], globalStep: Variable? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) throws(GraphError) -> Node {
    guard let graph = pairs.first?.variable.graph else {
      throw GraphError("No variables provided.", file: file, line: line)
    }
    let given = pairs.filter { $0.gradient != nil }
    guard !given.isEmpty else {
      let names = pairs.map { "'\($0.variable.name)'" }.joined(separator: ", ")
      throw GraphError("No gradients provided for any variable: [\(names)].", file: file, line: line)
    }
    let node = building(in: graph, file, line) {
      withoutControlDependencies { makeSlots(for: given.map(\.variable)) }
      return nameScope(name ?? self.name) { trainStep(given, globalStep) }
    }
    try graph.check()
    graph.add(node, to: .trainOp)
    return node
  }

  private func trainStep(_ pairs: [GradientAndVariable], _ globalStep: Variable?) -> Node {
    let scope = currentScope
    prepare(for: pairs.map(\.variable))
    let updates = pairs.map(update)
    let all = updates + withControlDependencies(on: updates) { afterUpdates() }
    guard let globalStep else { return group(all, name: scope) }
    return withControlDependencies(on: [group(all, name: "update")]) {
      let one = constant(number: 1, globalStep.dataType, name: "value")
      return globalStep.assignAdd(applied(one, else: zeros(like: one)), name: scope).node
    }
  }

  private func update(_ pair: GradientAndVariable) -> Node {
    withColocation(with: pair.variable.handle.node) {
      nameScope("update_" + pair.variable.name) {
        guard let gradient = pair.gradient else { return group([]) }
        let step = step(of: pair.variable, against: cast(gradient, to: pair.variable.dataType))
        return step.node(rows: updatesAllRows ? nil : pair.rows, condition: condition)
      }
    }
  }

  // MARK: What subclasses call

  /// Makes the numbers tensors, once for all variables of an element type.
  private func prepare(for variables: [Variable]) {
    prepared = [:]
    for (name, value) in hyperparameters {
      for dataType in Set(variables.map(\.dataType)).sorted(by: { $0.rawValue < $1.rawValue }) {
        prepared["\(name) \(dataType)"] = value.tensor(of: dataType, name: name)
      }
    }
  }

  /// Returns the new value of something that is not the slot of a variable, or the old one in a step that is left out.
  public func applied(_ new: Tensor, else old: @autoclosure () -> Tensor) -> Tensor {
    condition.map { select($0, new, old()) } ?? new
  }

  /// Returns one of the `hyperparameters` in the element type of a variable, while gradients are applied.
  public func hyperparameter(_ name: String, for variable: Variable) -> Tensor {
    prepared["\(name) \(variable.dataType)"] ?? failedTensor("\(self.name) has no hyperparameter '\(name)'")
  }

  /// Makes a slot of a variable, unless it has one of this name; it is a variable `<variable>/<optimizer>`.
  ///
  /// - Parameter initializer: By default zeros.
  @discardableResult
  public func makeSlot(
    _ slotName: String, for variable: Variable, initializer: @escaping Initializer = Initializers.zeros
  ) -> Variable {
    if let existing = slot(slotName, of: variable) { return existing }
    let scope = VariableScope.current.name
    let path = "\(variable.name)/\(name)"
    let made = EspalierLayers.makeVariable(
      scope.isEmpty ? path : scope + "/" + path, shape: variable.shape, dataType: variable.dataType,
      neighbour: variable, initializer: initializer)
    if slots[slotName] == nil { slotNames.append(slotName) }
    slots[slotName, default: [:]][variable] = made
    ownVariables.append(made)
    return made
  }

  /// Returns a new variable that belongs to the optimizer as a whole, such as the power of a decay.
  public func makeVariable(_ name: String, like variable: Variable, initialValue: Double) -> Variable {
    let made = makeScopedVariable(
      name, shape: [], dataType: variable.dataType, initializer: Initializers.constant(initialValue))
    ownVariables.append(made)
    return made
  }

  /// Returns what the optimizer remembers of a variable under this name, or nil.
  ///
  /// Source: `tf.train.Optimizer.get_slot`.
  open func slot(_ slotName: String, of variable: Variable) -> Variable? { slots[slotName]?[variable] }

  /// The variables that the optimizer has made: slots first-made first, and those of the optimizer as a whole.
  ///
  /// Source: `tf.train.Optimizer.variables`.
  open var variables: [Variable] { ownVariables }
}

/// The update of one variable: an operation and its inputs, in the order that the operation says.
public struct UpdateStep {
  let operation: any VariableUpdate
  let inputs: [Tensor]

  /// Returns an update.
  public init(_ operation: any VariableUpdate, _ inputs: [Tensor]) {
    self.operation = operation
    self.inputs = inputs
  }

  /// Returns the node that makes the step: of the named rows only if `rows` is given, and only under a condition.
  func node(rows: Tensor?, condition: Tensor? = nil) -> Node {
    guard let mask = mask(rows, condition) else { return apply(operation, to: inputs)[0].node }
    func store(_ value: Tensor, _ input: Int) -> Tensor {
      apply(Assign(), inputs[input], select(mask, value, inputs[input]))
    }
    return store(operation.newValue(inputs, store: store), 0).node
  }

  /// Returns which elements are changed, of a shape that is broadcast; nil for all.
  private func mask(_ rows: Tensor?, _ condition: Tensor?) -> Tensor? {
    guard let rows, let rank = inputs.first?.shape.rank, rank > 0 else { return condition }
    let mask = (1..<rank).reduce(rows) { mask, axis in expandDims(mask, axis: axis) }
    return condition.map { logicalAnd(mask, $0) } ?? mask
  }
}

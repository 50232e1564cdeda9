/// What `getVariable` does about variables that exist already.
///
/// Source: `tf.variable_scope(reuse:)`.
public enum VariableReuse: Hashable, Sendable, ExpressibleByBooleanLiteral {
  /// Makes new variables; existing ones are an error.
  case create
  /// Takes existing variables; missing ones are an error.
  case reuse
  /// Takes a variable that exists and makes one that does not.
  case auto

  public init(booleanLiteral value: Bool) {
    self = value ? .reuse : .create
  }
}

/// Returns the initial value of a variable, by adding operations to the current graph.
public typealias Initializer = (_ shape: [Int], _ dataType: DataType) -> Tensor

/// Returns a loss that keeps a variable small, or nil, by adding operations to the current graph.
public typealias Regularizer = (_ value: Tensor) -> Tensor?

/// What `getVariable` was asked for; custom getters may change it.
public struct VariableRequest {
  /// The full name, `resnet/conv2d/kernel`.
  public var name: String
  /// The extents.
  public var shape: [Int]
  /// The element type.
  public var dataType: DataType
  /// Makes the initial value; nil means Glorot uniform for floating types and zeros otherwise.
  public var initializer: Initializer?
  /// Makes a loss of it.
  public var regularizer: Regularizer?
  /// Whether optimizers train it.
  public var isTrainable: Bool
  /// The collections that it joins; nil means `global_variables`.
  public var collections: [CollectionKey]?
  /// Cuts it into parts.
  public var partitioner: Partitioner?
  /// Where it is read from.
  public var cachingDevice: String?
  /// Which part of a larger variable it is.
  var slice: VariableSlice?
}

/// Returns a tensor for a variable, usually by calling `getter` and perhaps adding operations to its result.
///
/// Source: `custom_getter` of `tf.variable_scope`.
public typealias CustomGetter = (_ getter: (VariableRequest) -> VariableValue, _ request: VariableRequest) ->
  VariableValue

/// A variable and the tensor by which a model reads it, which a custom getter may have changed.
public struct VariableValue {
  /// The variable.
  public let variable: Variable
  /// What the model reads.
  public var tensor: Tensor
  /// The variables that it is cut into, of which `variable` is the first; only itself for most.
  public let parts: [Variable]

  /// Returns a variable that is read as `tensor`.
  public init(variable: Variable, tensor: Tensor) {
    self.init(variable: variable, tensor: tensor, parts: [variable])
  }

  init(variable: Variable, tensor: Tensor, parts: [Variable]) {
    self.variable = variable
    self.tensor = tensor
    self.parts = parts
  }
}

/// The defaults that `getVariable` takes from its surroundings.
public struct VariableScope {
  /// The path that names of variables begin with, without a `/` at its end.
  public internal(set) var name = ""
  /// Whether variables are made or reused.
  public internal(set) var reuse = VariableReuse.create
  /// The initializer of variables that name none.
  public internal(set) var initializer: Initializer?
  /// The regularizer of variables that name none.
  public internal(set) var regularizer: Regularizer?
  /// The partitioner of variables that name none.
  public internal(set) var partitioner: Partitioner?
  /// The caching device of variables that name none.
  public internal(set) var cachingDevice: String?
  var customGetters: [CustomGetter] = []

  /// The scope around the code that runs now.
  public static var current: VariableScope { BuildContext.current.variableScope }
}

/// Returns what `body` returns; the names of variables that it makes begin with `name/`, those of nodes too.
///
/// Entering a scope a second time names its variables alike, so that `reuse: true` finds them; nodes get a new name
/// (`resnet_1/…`).
///
/// - Parameters:
///   - reuse: nil inherits; `false` inside a reusing scope still reuses, as in TensorFlow.
///   - initializer: For variables that name none.
///   - regularizer: For variables that name none; its losses join `regularization_losses`.
///   - customGetter: Called around each `getVariable`, the innermost scope's first.
///   - partitioner: For variables that name none.
///   - cachingDevice: For variables that name none.
///
/// Source: `tf.variable_scope`.
public func variableScope<Result, Failure: Error>(
  _ name: String, reuse: VariableReuse? = nil, initializer: Initializer? = nil, regularizer: Regularizer? = nil,
  customGetter: CustomGetter? = nil, partitioner: Partitioner? = nil, cachingDevice: String? = nil,
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let context = BuildContext.current
  var scope = context.variableScope
  scope.name = scope.name.isEmpty ? name : scope.name + "/" + name
  if let reuse, reuse != .create { scope.reuse = reuse }
  scope.initializer = initializer ?? scope.initializer
  scope.regularizer = regularizer ?? scope.regularizer
  scope.partitioner = partitioner ?? scope.partitioner
  scope.cachingDevice = cachingDevice ?? scope.cachingDevice
  if let customGetter { scope.customGetters.append(customGetter) }
  let graph = context.requiredGraph
  graph.forgetDefaultNames(under: scope.name)
  graph.variableScopeCounts[scope.name, default: 0] += 1
  let path = graph.uniqueName(name, in: context.nameScope)
  return try context.with(\.variableScope, scope).with(\.nameScope, path).enter(body)
}

/// Returns what `body` returns, in a variable scope with a name of its own: `defaultName`, or `defaultName_1`…
///
/// This is how layers that are not named get names: `conv2d`, `conv2d_1`.
///
/// Source: `tf.variable_scope(None, default_name=…)`.
public func variableScope<Result, Failure: Error>(
  defaultName: String, reuse: VariableReuse? = nil, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let context = BuildContext.current
  let outer = context.variableScope.name
  let prefix = outer.isEmpty ? "" : outer + "/"
  let graph = context.requiredGraph
  var name = defaultName
  var number = 0
  while graph.variableScopeCounts[prefix + name] ?? 0 > 0 {
    number += 1
    name = "\(defaultName)_\(number)"
  }
  return try variableScope(name, reuse: reuse, body)
}

/// Returns what `body` returns, with `getter` called around each `getVariable`; names stay as they are.
///
/// Source: `tf.variable_scope(tf.get_variable_scope(), custom_getter=…)`.
public func withCustomGetter<Result, Failure: Error>(
  _ getter: @escaping CustomGetter, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let context = BuildContext.current
  var scope = context.variableScope
  scope.customGetters.append(getter)
  return try context.with(\.variableScope, scope).enter(body)
}

extension Graph {
  /// Lets unnamed layers inside a scope that is entered again get the same names as the first time.
  fileprivate func forgetDefaultNames(under path: String) {
    let prefix = path + "/"
    variableScopeCounts = variableScopeCounts.filter { !$0.key.hasPrefix(prefix) }
  }
}

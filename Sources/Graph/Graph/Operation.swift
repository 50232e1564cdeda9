/// What a node computes: everything about an operation but its kernel, said once.
///
/// Attributes are stored properties, so that equality and hashing are synthesised. Add an operation in three places:
/// its file in `Graph/Ops`, its kernel in `Executor/Kernels` (pointwise operations need none), and a row in the op
/// table of the tests.
public protocol Operation: Hashable, Sendable {
  /// TensorFlow's name of the operation, `Conv2D`: for export, import and the default name of its nodes.
  static var tfName: String { get }
  /// The attributes as TensorFlow spells them; those that only repeat the types of inputs are left out.
  var attributes: [String: AttributeValue] { get }
  /// What kind of thing it is to the fusion pass.
  var fusion: FusionClass { get }
  /// What it does besides computing its outputs.
  var effect: Effect { get }

  /// Returns the types of the outputs for inputs of these types, as far as they follow.
  ///
  /// Called with partial types when the graph is built and with full ones when a plan is made.
  ///
  /// - Throws: `GraphError` with a message in TensorFlow's words if the inputs do not fit.
  func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType]

  /// Returns the gradient with respect to each input, given those with respect to the outputs (nil is zero), by adding
  /// operations to the graph; nil for an input that has none.
  ///
  /// - Throws: `GraphError` if none is defined.
  func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?]

  /// Returns the outputs expressed in simpler operations on `inputs`, for the fusion pass to take apart, or nil.
  ///
  /// Called when a plan is made, so that all types are fully known.
  func decomposition(_ inputs: [Tensor]) -> [Tensor]?
}

extension Operation {
  /// TensorFlow's name of the operation.
  public var name: String { Self.tfName }
  public var attributes: [String: AttributeValue] { [:] }
  public var fusion: FusionClass { .opaque }
  public var effect: Effect { .none }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    throw GraphError("No gradient defined for operation '\(node.name)' (op type: \(Self.tfName))")
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { nil }
}

/// An operation through which no gradient flows: its outputs are piecewise constant, or it takes no differentiable input.
public protocol NonDifferentiable: Operation {}

extension NonDifferentiable {
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [Tensor?](repeating: nil, count: node.inputs.count)
  }
}

/// A pointwise or similar operation of one tensor, whose gradient is a formula in `x`, `y` and `dy`.
public protocol UnaryOperation: Operation {
  /// Returns the gradient with respect to `x`, given that with respect to `y`.
  func gradient(x: Tensor, y: Tensor, dy: Tensor) throws(GraphError) -> Tensor?
}

extension UnaryOperation {
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil] }
    return [try gradient(x: node.inputs[0], y: node.outputs[0], dy: dy)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

extension Operation {
  /// Throws unless there are `count` inputs.
  package func expectInputs(_ count: Int, _ inputs: [TensorType]) throws(GraphError) {
    guard inputs.count == count else {
      throw GraphError("\(Self.tfName) takes \(count) inputs, not \(inputs.count)")
    }
  }

  /// Throws unless the input has one of the types.
  package func expect(_ input: TensorType, isOneOf types: Set<DataType>, _ name: String) throws(GraphError) {
    guard types.contains(input.dataType) else {
      let allowed = DataType.allCases.filter(types.contains).map(\.name).joined(separator: ", ")
      throw GraphError(
        "Value passed to parameter '\(name)' has DataType \(input.dataType.name) not in list of allowed values: "
          + allowed)
    }
  }

  /// Throws unless the shape has this rank or an unknown one.
  package func expectRank(_ rank: Int, _ input: TensorType) throws(GraphError) {
    guard let actual = input.shape.rank, actual != rank else { return }
    throw GraphError("Shape must be rank \(rank) but is rank \(actual)")
  }

  /// Throws unless the shape has at least this rank or an unknown one.
  package func expectRank(atLeast rank: Int, _ input: TensorType) throws(GraphError) {
    guard let actual = input.shape.rank, actual < rank else { return }
    throw GraphError("Shape must be at least rank \(rank) but is rank \(actual)")
  }

  /// Throws unless both inputs have the same element type.
  package func expectSameDataType(_ a: TensorType, _ b: TensorType) throws(GraphError) {
    guard a.dataType == b.dataType else {
      throw GraphError(
        "Input 'y' of '\(Self.tfName)' Op has type \(b.dataType) that does not match type \(a.dataType) of argument 'x'."
      )
    }
  }
}

/// The value of an attribute as TensorFlow spells it.
///
/// Source: `tensorflow/core/framework/attr_value.proto`.
public enum AttributeValue: Hashable, Sendable {
  case int(Int)
  case float(Float)
  case bool(Bool)
  case string(String)
  case type(DataType)
  case shape(Shape)
  case tensor(HostTensor)
  case ints([Int])
  case floats([Float])
  case strings([String])
  case types([DataType])
  case shapes([Shape])
}

/// What an operation does besides computing its outputs.
public enum Effect: Hashable, Sendable {
  /// Nothing: it can be merged with its like, folded, moved and dropped.
  case none
  /// It draws random numbers; every node is a stream of its own.
  case random
  /// It changes the variables whose handles are these inputs.
  case writes(inputs: [Int])
  /// It must run in its place whenever it is fetched or a fetched node depends on it.
  case stateful
}

/// What kind of thing an operation is to the fusion pass.
public enum FusionClass: Hashable, Sendable {
  /// One scalar function of the broadcast elements of the inputs.
  case pointwise(PointwiseOpcode)
  /// A sum, maximum… along some axes.
  case reduction(ReductionKind)
  /// A convolution or matrix product that can take on pointwise work before and after itself.
  case anchor
  /// The same bytes under another shape.
  case view
  /// No inputs: a constant, placeholder or variable.
  case source
  /// Anything else.
  case opaque
}

/// A reduction that the fusion pass understands.
public enum ReductionKind: Hashable, Sendable, CaseIterable {
  case sum, mean, max, min, prod
  /// Of the first axes only: the mean of the squared differences from the mean.
  case variance
}

/// The scalar functions that pointwise clusters are made of.
public enum PointwiseOpcode: UInt16, Hashable, Sendable, CaseIterable {
  case identity, cast
  case neg, abs, sign, square, sqrt, rsqrt, reciprocal
  case exp, expm1, log, log1p
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh
  case erf, erfc, lgamma, sigmoid, softplus, relu
  case floor, ceil, round
  case isNaN, isFinite, isInf, logicalNot
  case add, sub, mul, div, floorDiv, floorMod, truncateMod, truncateDiv, divNoNaN, pow, max, min, squaredDifference
  case atan2
  case equal, notEqual, less, lessEqual, greater, greaterEqual
  case logicalAnd, logicalOr, logicalXor
  /// First input true: second, else third.
  case select
  /// dy where x > 0, else 0: inputs dy, x.
  case reluGrad
}

/// The place where a variable's value is kept. Nodes that take its output read the variable, or change it.
public struct VariableV2: NonDifferentiable {
  public static let tfName = "VariableV2"
  /// The element type.
  public let dataType: DataType
  /// The extents.
  public let shape: [Int]

  /// Returns the operation.
  public init(dataType: DataType, shape: [Int]) {
    self.dataType = dataType
    self.shape = shape
  }

  public var fusion: FusionClass { .source }
  public var effect: Effect { .stateful }
  public var attributes: [String: AttributeValue] {
    ["dtype": .type(dataType), "shape": .shape(Shape(shape)), "container": .string(""), "shared_name": .string("")]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    guard shape.allSatisfy({ $0 >= 0 }) else { throw GraphError("Shape \(shape) must have no negative extents") }
    return [TensorType(dataType, Shape(shape))]
  }
}

/// Gives a variable a new value and returns it.
public struct Assign: NonDifferentiable {
  public static let tfName = "Assign"

  public init() {}

  public var effect: Effect { .writes(inputs: [0]) }
  public var attributes: [String: AttributeValue] { ["validate_shape": .bool(true), "use_locking": .bool(true)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try assignedType(inputs)
  }
}

/// Adds to a variable and returns its new value.
public struct AssignAdd: NonDifferentiable {
  public static let tfName = "AssignAdd"

  public init() {}

  public var effect: Effect { .writes(inputs: [0]) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { try assignedType(inputs) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [apply(Assign(), inputs[0], apply(Add(), inputs[0], inputs[1]))]
  }
}

/// Subtracts from a variable and returns its new value.
public struct AssignSub: NonDifferentiable {
  public static let tfName = "AssignSub"

  public init() {}

  public var effect: Effect { .writes(inputs: [0]) }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { try assignedType(inputs) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [apply(Assign(), inputs[0], apply(Sub(), inputs[0], inputs[1]))]
  }
}

extension Operation {
  fileprivate func assignedType(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectSameDataType(inputs[0], inputs[1])
    guard inputs[0].shape.isCompatible(with: inputs[1].shape) else {
      throw GraphError(
        "Assign requires shapes of both tensors to match. lhs shape= \(inputs[0].shape) rhs shape= \(inputs[1].shape)")
    }
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

extension Variable {
  /// Returns the new value of the variable after it was set to `newValue`.
  ///
  /// Source: `tf.Variable.assign`.
  @discardableResult
  public func assign(
    _ newValue: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    apply(Assign(), handle, newValue, name: name, file: file, line: line)
  }

  /// Returns the new value of the variable after `delta` was added to it.
  @discardableResult
  public func assignAdd(
    _ delta: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    apply(AssignAdd(), handle, delta, name: name, file: file, line: line)
  }

  /// Returns the new value of the variable after `delta` was subtracted from it.
  @discardableResult
  public func assignSub(
    _ delta: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    apply(AssignSub(), handle, delta, name: name, file: file, line: line)
  }
}

/// A value that is fed to each run.
public struct Placeholder: NonDifferentiable {
  public static let tfName = "Placeholder"
  /// The element type of what is fed.
  public let dataType: DataType
  /// What its shape must be compatible with.
  public let shape: Shape

  /// Returns the operation.
  public init(dataType: DataType, shape: Shape) {
    self.dataType = dataType
    self.shape = shape
  }

  public var fusion: FusionClass { .source }
  public var effect: Effect { .stateful }
  public var attributes: [String: AttributeValue] { ["dtype": .type(dataType), "shape": .shape(shape)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [TensorType(dataType, shape)] }
}

/// Returns a tensor whose value is fed to each run.
///
/// Source: `tf.placeholder`.
public func placeholder(
  _ dataType: DataType = .float32, shape: Shape = .unknown, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  apply(Placeholder(dataType: dataType, shape: shape), to: [], name: name, file: file, line: line)[0]
}

/// The input, or what is fed in its place, which may have another shape.
public struct PlaceholderWithDefault: UnaryOperation {
  public static let tfName = "PlaceholderWithDefault"
  /// What the shape of all values is compatible with.
  public let shape: Shape

  /// Returns the operation.
  public init(shape: Shape) {
    self.shape = shape
  }

  public var fusion: FusionClass { .view }
  public var attributes: [String: AttributeValue] { ["shape": .shape(shape)] }

  /// The type of the input: where a plan is made, nothing was fed.
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard inputs[0].shape.isCompatible(with: shape) else {
      throw GraphError("Shapes \(inputs[0].shape) and \(shape) are not compatible")
    }
    return inputs
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy }
}

/// Returns a tensor with the value of `input`, unless another value of this shape is fed.
///
/// Source: `tf.compat.v1.placeholder_with_default`.
public func placeholder(
  default input: Tensor, shape: Shape, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    let output = apply(PlaceholderWithDefault(shape: shape), input, name: name)
    // A shape that does not fit was reported by the operation.
    try? output.graph.widen(output, to: shape)
    return output
  }
}

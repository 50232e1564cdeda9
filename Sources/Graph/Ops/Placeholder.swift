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

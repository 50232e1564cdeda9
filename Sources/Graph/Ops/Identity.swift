/// Returns `x` as it is.
public struct Identity: UnaryOperation {
  public static let tfName = "Identity"

  public init() {}

  public var fusion: FusionClass { .view }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return inputs
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { dy }
}

/// Returns a tensor with the value of `x`: to give it a name, or to read it after a control dependency.
///
/// Source: `tf.identity`.
public func identity(
  _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Identity(), x, name: name, file: file, line: line)
}

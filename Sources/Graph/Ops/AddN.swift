/// Returns the sum of all inputs, which have one type.
public struct AddN: Operation {
  public static let tfName = "AddN"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    guard var shape = inputs.first?.shape, let dataType = inputs.first?.dataType else {
      throw GraphError("inputs must be a list of at least one Tensor with the same dtype and shape")
    }
    for input in inputs {
      guard input.dataType == dataType, let merged = shape.merged(with: input.shape) else {
        throw GraphError("Shapes must be equal rank and extents, but are \(shape) and \(input.shape)")
      }
      shape = merged
    }
    return [TensorType(dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) -> [Tensor?] {
    [Tensor?](repeating: upstream[0], count: node.inputs.count)
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [inputs.dropFirst().reduce(inputs[0]) { apply(Add(), $0, $1) }]
  }
}

/// Returns the sum of tensors of one type.
///
/// Source: `tf.add_n`.
public func addN(_ tensors: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(AddN(), to: tensors, name: name, file: file, line: line)[0]
}

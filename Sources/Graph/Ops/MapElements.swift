/// Returns what a graph makes of each element along the first axis of the input, stacked.
///
/// TensorFlow has a loop for it, which graphs in files have.
public struct MapElements: NonDifferentiable {
  public static let tfName = "EspalierMapElements"
  /// The graph, the bytes of a `GraphDef`: graphs themselves are no values.
  public let body: [UInt8]
  /// The name of the graph's tensor that is fed an element.
  public let element: String
  /// The name of the graph's tensor that is the result.
  public let result: String
  /// What an element becomes.
  public let resultType: TensorType

  public init(body: [UInt8], element: String, result: String, resultType: TensorType) {
    self.body = body
    self.element = element
    self.result = result
    self.resultType = resultType
  }

  public var attributes: [String: AttributeValue] {
    [
      "element": .string(element), "result": .string(result), "dtype": .type(resultType.dataType),
      "element_shape": .shape(resultType.shape),
    ]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    if inputs[0].shape.rank == 0 { throw GraphError("a scalar has no elements") }
    guard let extents = resultType.shape.extents else { return [TensorType(resultType.dataType)] }
    return [TensorType(resultType.dataType, Shape([inputs[0].shape.rank == nil ? nil : inputs[0].shape[0]] + extents))]
  }
}

/// An operation that gives the place of an extreme along the axis that the second input, an integer scalar, names.
public protocol ArgExtremeOperation: NonDifferentiable {
  /// `int32` or `int64`.
  var outputType: DataType { get }
}

extension ArgExtremeOperation {
  public var attributes: [String: AttributeValue] { ["output_type": .type(outputType)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric.union([.bool]), "input")
    try expectIndices(inputs[1], "dimension")
    guard var extents = inputs[0].shape.extents else { return [TensorType(outputType)] }
    guard let named = inputs[1].knownValue?.first else {
      return [TensorType(outputType, .unknown(rank: extents.count - 1))]
    }
    let extent = extents.remove(at: try resolve(axis: named, rank: extents.count))
    guard extent != 0 else {
      throw GraphError("Reduction axis \(named) is empty in shape \(inputs[0].shape)")
    }
    return [TensorType(outputType, Shape(extents))]
  }
}

/// Returns the place of the largest element along an axis, the first of equal ones.
public struct ArgMax: ArgExtremeOperation {
  public static let tfName = "ArgMax"
  public let outputType: DataType

  public init(outputType: DataType = .int64) {
    self.outputType = outputType
  }
}

/// Returns the place of the smallest element along an axis, the first of equal ones.
public struct ArgMin: ArgExtremeOperation {
  public static let tfName = "ArgMin"
  public let outputType: DataType

  public init(outputType: DataType = .int64) {
    self.outputType = outputType
  }
}

/// Returns the place of the largest element of `x` along `axis`, the first of equal ones; the axis goes away.
///
/// Source: `tf.argmax`.
public func argMax(
  _ x: Tensor, axis: Int = 0, outputType: DataType = .int64, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  applyWithConstants(ArgMax(outputType: outputType), on: x, name: name, file: file, line: line) {
    [x, constant(index: axis, name: "dimension")]
  }
}

/// Returns the place of the smallest element of `x` along `axis`, the first of equal ones; the axis goes away.
///
/// Source: `tf.argmin`.
public func argMin(
  _ x: Tensor, axis: Int = 0, outputType: DataType = .int64, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  applyWithConstants(ArgMin(outputType: outputType), on: x, name: name, file: file, line: line) {
    [x, constant(index: axis, name: "dimension")]
  }
}

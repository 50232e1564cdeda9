/// Returns the features of serialized `Example`s.
///
/// Inputs: the examples, strings `[N]` or one string; their names, or none; the keys of sparse features, of dense ones,
/// and of ragged ones, which there must be none of; a default for each dense feature, empty if it is required. Outputs:
/// the indices of all sparse features, their values, their shapes; the dense features.
public struct ParseExample: NonDifferentiable {
  public static let tfName = "ParseExampleV2"
  /// The element types of sparse features, in the order of their keys.
  public let sparseTypes: [DataType]
  /// The element types of dense features, in the order of their keys.
  public let denseTypes: [DataType]
  /// The shapes of dense features of one example; an unknown first extent is that of the longest example.
  public let denseShapes: [Shape]

  public init(sparseTypes: [DataType], denseTypes: [DataType], denseShapes: [Shape]) {
    self.sparseTypes = sparseTypes
    self.denseTypes = denseTypes
    self.denseShapes = denseShapes
  }

  public var attributes: [String: AttributeValue] {
    [
      "num_sparse": .int(sparseTypes.count), "sparse_types": .types(sparseTypes), "Tdense": .types(denseTypes),
      "dense_shapes": .shapes(denseShapes), "ragged_value_types": .types([]), "ragged_split_types": .types([]),
    ]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    guard denseTypes.count == denseShapes.count else { throw GraphError("len(dense_keys) != len(dense_shapes)") }
    try expectInputs(5 + denseTypes.count, inputs)
    for input in inputs[..<5] { try expect(input, isOneOf: [.string], "serialized") }
    for (type, input) in zip(denseTypes, inputs[5...]) where input.dataType != type {
      throw GraphError("a default is \(input.dataType), but its feature is \(type)")
    }
    let batch = inputs[0].shape
    if let rank = batch.rank, rank > 1 { throw GraphError("Shape must be at most rank 1 but is rank \(rank)") }
    let rank = batch.rank.map { $0 + 1 }
    let indices = sparseTypes.map { _ in TensorType(.int64, [nil, rank]) }
    let values = sparseTypes.map { TensorType($0, [nil]) }
    let shapes = sparseTypes.map { _ in TensorType(.int64, [rank]) }
    let dense = zip(denseTypes, denseShapes).map { type, shape in
      guard let first = batch.extents, let rest = shape.extents else { return TensorType(type) }
      return TensorType(type, Shape(first + rest))
    }
    return indices + values + shapes + dense
  }
}

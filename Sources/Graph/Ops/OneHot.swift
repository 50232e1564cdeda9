/// Returns a tensor with a new axis of the extent that the second input says, which has the third at the place that the
/// first names and the fourth elsewhere.
public struct OneHot: NonDifferentiable {
  public static let tfName = "OneHot"
  /// The place of the new axis, -1 for the last.
  public let axis: Int

  public init(axis: Int = -1) {
    self.axis = axis
  }

  public var attributes: [String: AttributeValue] { ["axis": .int(axis)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    try expect(inputs[0], isOneOf: [.uint8, .int8, .int32, .int64], "indices")
    try expectSameDataType(inputs[2], inputs[3])
    for scalar in inputs[1...] { try expectRank(0, scalar) }
    guard var extents = inputs[0].shape.extents else { return [TensorType(inputs[2].dataType)] }
    guard (-1...extents.count).contains(axis) else {
      throw GraphError("Expected axis to be -1 or between [0, \(extents.count + 1)), but got \(axis)")
    }
    if let depth = inputs[1].knownValue?.first, depth < 0 {
      throw GraphError("depth must be non-negative, got: \(depth)")
    }
    extents.insert(inputs[1].knownValue?.first, at: axis == -1 ? extents.count : axis)
    return [TensorType(inputs[2].dataType, Shape(extents))]
  }
}

/// Returns a tensor with a new axis of `depth` elements: `onValue` at the place that `indices` names, `offValue`
/// elsewhere, and everywhere if the index is out of range.
///
/// Source: `tf.one_hot`.
public func oneHot(
  _ indices: Tensor, depth: Int, onValue: Double = 1, offValue: Double = 0, axis: Int = -1,
  dataType: DataType = .float32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(OneHot(axis: axis), on: indices, name: name ?? "one_hot", file: file, line: line) {
    let depth = constant(index: depth, name: "depth")
    return withoutControlDependencies {
      [
        indices, depth, constant(number: onValue, dataType, name: "on_value"),
        constant(number: offValue, dataType, name: "off_value"),
      ]
    }
  }
}

/// Returns bool `[lengths…, maximumLength]`, true for the first `lengths` places of each row.
///
/// Source: `tf.sequence_mask`.
public func sequenceMask(
  _ lengths: Tensor, maximumLength: Int, dataType: DataType = .bool, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("SequenceMask", name, on: [lengths], file, line) {
    let places = cast(range(0, maximumLength), to: lengths.dataType)
    return cast(less(places, expandDims(lengths, axis: -1)), to: dataType)
  }
}

/// Returns the coordinates of a grid: for vectors of lengths m, n, …, as many tensors of shape `[m, n, …]`.
///
/// - Parameter swapsFirst: Whether the first two axes change places, `[n, m, …]`, as coordinates x and y are written;
///   `indexing` "xy" of TensorFlow, its default; false is "ij".
///
/// Source: `tf.meshgrid`.
public func meshgrid(
  _ vectors: [Tensor], swapsFirst: Bool = true, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  composite("meshgrid", name, on: vectors, file, line, outputs: vectors.count) {
    let rank = vectors.count
    var places = Array(0..<rank)
    if swapsFirst, rank > 1 { places.swapAt(0, 1) }
    var columns: [Tensor] = []
    for (number, vector) in vectors.enumerated() {
      var extents = [Int](repeating: 1, count: rank)
      extents[places[number]] = -1
      columns.append(reshape(vector, to: extents))
    }
    let sizes = (0..<rank).map { size(vectors[places[$0]]) }
    let extents = rank == 0 ? [] : [stack(sizes)]
    return columns.flatMap { column in extents.map { broadcast(column, to: $0) } }
  }
}

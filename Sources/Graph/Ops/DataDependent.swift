/// Operations that have results of a size that only their values tell: known when the graph runs.

/// Returns int64 `[count, rank]`: the places of the elements that are true, or not zero, in row-major order.
public struct Where: NonDifferentiable {
  public static let tfName = "Where"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric.union([.bool]), "condition")
    return [TensorType(.int64, [nil, inputs[0].shape.rank])]
  }
}

/// Returns the different elements of a vector in the order in which they first come, and for each element the place of
/// its like among them.
public struct Unique: NonDifferentiable {
  public static let tfName = "Unique"
  /// The element type of the places, `int32` or `int64`.
  public let outIndex: DataType

  public init(outIndex: DataType = .int32) {
    self.outIndex = outIndex
  }

  public var attributes: [String: AttributeValue] { ["out_idx": .type(outIndex)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectRank(1, inputs[0])
    return [TensorType(inputs[0].dataType, [nil]), TensorType(outIndex, inputs[0].shape)]
  }
}

/// Returns byte strings read as numbers, with a new last axis.
public struct DecodeRaw: NonDifferentiable {
  public static let tfName = "DecodeRaw"
  /// The element type of the numbers.
  public let outType: DataType
  /// Whether the first byte of a number is its lowest.
  public let littleEndian: Bool

  public init(outType: DataType, littleEndian: Bool = true) {
    self.outType = outType
    self.littleEndian = littleEndian
  }

  public var attributes: [String: AttributeValue] {
    ["out_type": .type(outType), "little_endian": .bool(littleEndian)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.string], "bytes")
    guard outType.size != nil else { throw GraphError("DecodeRaw to \(outType) is not supported") }
    return [TensorType(outType, inputs[0].shape.extents.map { Shape($0 + [nil]) } ?? .unknown)]
  }
}

/// Returns int64 `[count, rank]`: the places of the elements of `condition` that are true, in row-major order.
///
/// How many there are is known when the graph runs. Source: `tf.where` with one argument.
public func indicesWhere(
  _ condition: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Where(), condition, name: name, file: file, line: line)
}

/// Returns the elements or slices of `x` where `mask`, which has its leading axes, is true.
///
/// How many there are is known when the graph runs. Source: `tf.boolean_mask`.
public func booleanMask(
  _ x: Tensor, mask: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("boolean_mask", name, on: [x, mask], file, line) {
    guard let depth = mask.shape.rank, let rank = x.shape.rank, (1...max(rank, 1)).contains(depth) else {
      return failedTensor("Number of mask dimensions must be specified and at most the rank of the tensor", in: x.graph)
    }
    guard Shape(Array((x.shape.extents ?? []).prefix(depth))).isCompatible(with: mask.shape) else {
      return failedTensor("Shapes \(x.shape) and \(mask.shape) are incompatible", in: x.graph)
    }
    return gatherNd(x, indices: indicesWhere(mask))
  }
}

/// Returns the different elements of the vector `x` in the order in which they first come, and for each element of `x`
/// the place of its like among them.
///
/// Source: `tf.unique`.
public func unique(
  _ x: Tensor, outIndex: DataType = .int32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> (values: Tensor, indices: Tensor) {
  let both = apply(Unique(outIndex: outIndex), to: [x], name: name, outputs: 2, file: file, line: line)
  return (both[0], both[1])
}

/// Returns how often 0, 1… up to the largest element come in `x`, a tensor of int32 or int64 that are not negative.
///
/// Source: `tf.math.bincount`.
public func binCount(
  _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("bincount", name, on: [x], file, line) {
    let count = maximum(reduceMax(x) + 1, 0)
    return apply(UnsortedSegmentSum(), cast(ones(like: x), to: .int32), x, count)
  }
}

/// Returns byte strings read as numbers, with a new last axis; all strings have one length.
///
/// Source: `tf.io.decode_raw`.
public func decodeRaw(
  _ bytes: Tensor, outType: DataType, littleEndian: Bool = true, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  apply(DecodeRaw(outType: outType, littleEndian: littleEndian), bytes, name: name, file: file, line: line)
}

/// Returns the inputs but the last joined along the axis that the last one, an integer scalar, names.
public struct ConcatV2: Operation {
  public static let tfName = "ConcatV2"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(atLeast: 2, inputs)
    let parts = inputs.dropLast()
    try expectIndices(inputs[parts.count], "axis")
    for part in parts { try expectSameDataType(inputs[0], part) }
    guard let rank = parts.lazy.compactMap(\.shape.rank).first else { return [TensorType(inputs[0].dataType)] }
    guard rank > 0 else { throw GraphError("Can't concatenate scalars (use tf.stack instead)") }
    for part in parts { try expectRank(rank, part) }
    guard let named = inputs[parts.count].knownValue?.first else {
      return [TensorType(inputs[0].dataType, .unknown(rank: rank))]
    }
    let axis = try resolve(axis: named, rank: rank)
    let type = TensorType(inputs[0].dataType, try joined(parts.map(\.shape), axis, rank))
    return followingValues(inputs, [type])
  }

  private func joined(_ shapes: [Shape], _ axis: Int, _ rank: Int) throws(GraphError) -> Shape {
    var common = Shape.unknown(rank: rank)
    var total: Int? = 0
    for shape in shapes {
      guard var extents = shape.extents else {
        total = nil
        continue
      }
      total = total.flatMap { sum in extents[axis].map { sum + $0 } }
      extents[axis] = nil
      common = try common.mergedOrThrow(Shape(extents))
    }
    var extents = common.extents ?? []
    extents[axis] = total
    return Shape(extents)
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    let parts = node.inputs.dropLast()
    guard let dy = upstream[0], let axis = node.inputs[parts.count].type.knownValue?.first else {
      return node.inputs.map { _ in nil }
    }
    let known = parts.compactMap { $0.shape[axis] }
    let sizes =
      known.count == parts.count
      ? constant(indices: known, name: "sizes") : stack(parts.map { shape($0)[axis] }, axis: 0)
    return split(dy, sizes: sizes, count: parts.count, axis: axis) + [nil]
  }
}

extension ConcatV2: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let target = Movement.Walk.rowMajor(outputs[0].extents)
    let rank = target.strides.count
    let named = inputs.last?.knownValue?.first ?? 0
    let axis = named < 0 ? named + rank : named
    var offset = 0
    var blocks: [Movement.Block] = []
    for (number, input) in inputs.dropLast().enumerated() {
      let extents = input.extents
      blocks.append(
        Movement.Block(
          input: number, extents: extents, source: .rowMajor(extents),
          destination: .init(offset: offset * target.strides[axis], strides: target.strides)))
      offset += extents[axis]
    }
    return Movement(blocks: blocks)
  }
}

/// Returns `tensors` joined along `axis`; their other extents are the same.
///
/// - Parameter axis: Counted from the end if negative.
///
/// Source: `tf.concat`.
public func concat(
  _ tensors: [Tensor], axis: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  guard tensors.count != 1 else { return identity(tensors[0], name: name ?? "concat", file: file, line: line) }
  return applyWithConstants(ConcatV2(), on: tensors, name: name ?? "concat", file: file, line: line) {
    tensors + [constant(index: axis, name: "axis")]
  }[0]
}

/// Returns tensors of one shape stacked along a new axis.
public struct Pack: Operation {
  public static let tfName = "Pack"
  /// The place of the new axis in the result.
  public let axis: Int

  public init(axis: Int = 0) {
    self.axis = axis
  }

  public var attributes: [String: AttributeValue] { ["axis": .int(axis)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(atLeast: 1, inputs)
    var shape = inputs[0].shape
    for input in inputs.dropFirst() {
      try expectSameDataType(inputs[0], input)
      shape = try shape.mergedOrThrow(input.shape)
    }
    guard var extents = shape.extents else { return [TensorType(inputs[0].dataType)] }
    extents.insert(inputs.count, at: try resolve(axis: axis, rank: extents.count + 1))
    return followingValues(inputs, [TensorType(inputs[0].dataType, Shape(extents))])
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return node.inputs.map { _ in nil } }
    return unstack(dy, count: node.inputs.count, axis: axis)
  }
}

extension Pack: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = outputs[0].extents
    var target = Movement.Walk.rowMajor(extents)
    let stride = target.strides.remove(at: axis < 0 ? axis + extents.count : axis)
    let blocks = inputs.enumerated().map { number, input in
      Movement.Block(
        input: number, extents: input.extents, source: .rowMajor(input.extents),
        destination: .init(offset: number * stride, strides: target.strides))
    }
    return Movement(blocks: blocks)
  }
}

/// Returns `tensors` of one shape stacked along a new axis.
///
/// - Parameter axis: The place of the new axis in the result, counted from the end if negative.
///
/// Source: `tf.stack`.
public func stack(
  _ tensors: [Tensor], axis: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Pack(axis: axis), to: tensors, name: name ?? "stack", file: file, line: line)[0]
}

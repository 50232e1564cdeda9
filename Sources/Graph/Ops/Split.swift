/// Returns the second input cut into equal parts along the axis that the first one, an integer scalar, names.
public struct Split: Operation {
  public static let tfName = "Split"
  /// The number of parts.
  public let count: Int

  public init(count: Int) {
    self.count = count
  }

  public var attributes: [String: AttributeValue] { ["num_split": .int(count)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectIndices(inputs[0], "split_dim")
    guard count > 0 else { throw GraphError("Value for attr 'num_split' of \(count) must be at least minimum 1") }
    guard var extents = inputs[1].shape.extents, let named = inputs[0].knownValue?.first else {
      let shape = inputs[1].shape.rank.map { Shape.unknown(rank: $0) } ?? .unknown
      return [TensorType](repeating: TensorType(inputs[1].dataType, shape), count: count)
    }
    let axis = try resolve(axis: named, rank: extents.count)
    if let extent = extents[axis] {
      guard extent % count == 0 else {
        throw GraphError(
          "Number of ways to split should evenly divide the split dimension, but got split_dim \(axis) "
            + "(size = \(extent)) and num_split \(count)")
      }
      extents[axis] = extent / count
    }
    let type = TensorType(inputs[1].dataType, Shape(extents))
    return followingValues(inputs, [TensorType](repeating: type, count: count))
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let axis = node.inputs[0].type.knownValue?.first else { return [nil, nil] }
    return [nil, joinedGradient(node, upstream, axis)]
  }
}

extension Split: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    .cutting(inputs[1].extents, into: outputs, axis: inputs[0].knownValue?.first ?? 0, input: 1)
  }
}

/// Returns the first input cut along an axis, into parts of the sizes that the second input names; the third is the axis.
public struct SplitV: Operation {
  public static let tfName = "SplitV"
  /// The number of parts.
  public let count: Int

  public init(count: Int) {
    self.count = count
  }

  public var attributes: [String: AttributeValue] { ["num_split": .int(count)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "size_splits")
    try expectIndices(inputs[2], "split_dim")
    guard let extents = inputs[0].shape.extents, let named = inputs[2].knownValue?.first else {
      let shape = inputs[0].shape.rank.map { Shape.unknown(rank: $0) } ?? .unknown
      return [TensorType](repeating: TensorType(inputs[0].dataType, shape), count: count)
    }
    let axis = try resolve(axis: named, rank: extents.count)
    let parts = try sizes(inputs[1].value, extents[axis]).map { size in
      var part = extents
      part[axis] = size
      return TensorType(inputs[0].dataType, Shape(part))
    }
    return followingValues(inputs, parts)
  }

  /// Returns the sizes of the parts, with what is left in the place of -1.
  private func sizes(_ named: [Int?]?, _ extent: Int?) throws(GraphError) -> [Int?] {
    guard var sizes = named else { return [Int?](repeating: nil, count: count) }
    guard sizes.count == count else {
      throw GraphError("size_splits must have \(count) elements but has \(sizes.count)")
    }
    let others = sizes.filter { $0 != -1 }.compactMap { $0 }
    let sum = others.reduce(0, +)
    if let place = sizes.firstIndex(of: -1) {
      guard others.count == count - 1, let extent else {
        sizes[place] = nil
        return sizes
      }
      sizes[place] = extent - sum
    } else if others.count == count, let extent, sum != extent {
      throw GraphError("Determined shape must match the input shape along split_dim: \(sum) vs. \(extent)")
    }
    if sizes.contains(where: { $0.map { $0 < 0 } ?? false }) {
      throw GraphError("Split size at index \(count) must be >= 0. Got: \(sizes.map { $0 ?? -1 })")
    }
    return sizes
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let axis = node.inputs[2].type.knownValue?.first else { return [nil, nil, nil] }
    return [joinedGradient(node, upstream, axis), nil, nil]
  }
}

extension SplitV: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    .cutting(inputs[0].extents, into: outputs, axis: inputs[2].knownValue?.first ?? 0, input: 0)
  }
}

extension Operation {
  /// Returns the gradients of all outputs joined, zeros where there is none; nil if there is none at all.
  fileprivate func joinedGradient(_ node: Node, _ upstream: [Tensor?], _ axis: Int) -> Tensor? {
    guard upstream.contains(where: { $0 != nil }) else { return nil }
    return concat(zip(node.outputs, upstream).map { $1 ?? zeros(like: $0) }, axis: axis)
  }
}

extension Movement {
  /// Returns the movement of a tensor that is cut along an axis.
  fileprivate static func cutting(_ extents: [Int], into parts: [TensorType], axis: Int, input: Int) -> Movement {
    let source = Walk.rowMajor(extents)
    let resolved = axis < 0 ? axis + extents.count : axis
    var offset = 0
    var blocks: [Block] = []
    for (number, part) in parts.enumerated() {
      let size = part.extents
      blocks.append(
        Block(
          input: input, output: number, extents: size,
          source: .init(offset: offset * source.strides[resolved], strides: source.strides),
          destination: .rowMajor(size)))
      offset += size[resolved]
    }
    return Movement(blocks: blocks)
  }
}

/// Returns the parts of a tensor along an axis: the inverse of stacking.
public struct Unpack: Operation {
  public static let tfName = "Unpack"
  /// The number of parts.
  public let count: Int
  /// The axis that goes away.
  public let axis: Int

  public init(count: Int, axis: Int = 0) {
    self.count = count
    self.axis = axis
  }

  public var attributes: [String: AttributeValue] { ["num": .int(count), "axis": .int(axis)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard var extents = inputs[0].shape.extents else {
      return [TensorType](repeating: TensorType(inputs[0].dataType), count: count)
    }
    let extent = extents.remove(at: try resolve(axis: axis, rank: extents.count))
    guard extent == nil || extent == count else {
      throw GraphError("Dimension must be \(count) but is \(extent ?? 0)")
    }
    let type = TensorType(inputs[0].dataType, Shape(extents))
    return followingValues(inputs, [TensorType](repeating: type, count: count))
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard upstream.contains(where: { $0 != nil }) else { return [nil] }
    return [stack(zip(node.outputs, upstream).map { $1 ?? zeros(like: $0) }, axis: axis)]
  }
}

extension Unpack: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = inputs[0].extents
    var source = Movement.Walk.rowMajor(extents)
    let stride = source.strides.remove(at: axis < 0 ? axis + extents.count : axis)
    let blocks = outputs.enumerated().map { number, output in
      Movement.Block(
        output: number, extents: output.extents, source: .init(offset: number * stride, strides: source.strides),
        destination: .rowMajor(output.extents))
    }
    return Movement(blocks: blocks)
  }
}

/// Returns `x` cut into `count` equal parts along `axis`.
///
/// Source: `tf.split` with a number.
public func split(
  _ x: Tensor, count: Int, axis: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  applyWithConstants(
    Split(count: count), on: [x], name: name ?? "split", outputs: max(count, 0), file: file, line: line
  ) {
    [constant(index: axis, name: "split_dim"), x]
  }
}

/// Returns `x` cut along `axis` into parts of these sizes; one may be -1, to take what is left.
///
/// Source: `tf.split` with sizes.
public func split(
  _ x: Tensor, sizes: [Int], axis: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  applyWithConstants(
    SplitV(count: sizes.count), on: [x], name: name ?? "split", outputs: sizes.count, file: file, line: line
  ) {
    [x, constant(indices: sizes, name: "size_splits"), constant(index: axis, name: "split_dim")]
  }
}

/// Returns `x` cut along `axis` into `count` parts of the sizes that an integer vector names.
public func split(
  _ x: Tensor, sizes: Tensor, count: Int, axis: Int = 0, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> [Tensor] {
  applyWithConstants(
    SplitV(count: count), on: [x, sizes], name: name ?? "split", outputs: max(count, 0), file: file, line: line
  ) {
    [x, sizes, constant(index: axis, name: "split_dim")]
  }
}

/// Returns the parts of `x` along `axis`, which goes away.
///
/// - Parameter count: The number of parts, by default the extent of `x`, which must then be known.
///
/// Source: `tf.unstack`.
public func unstack(
  _ x: Tensor, count: Int? = nil, axis: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  BuildContext.at(file, line) {
    if x.isPoisoned { return [Tensor](repeating: x, count: count ?? 1) }
    guard let number = count ?? x.shape[axis] else {
      return [failedTensor("Cannot infer argument `num` from shape \(x.shape)", in: x.graph)]
    }
    return apply(Unpack(count: number, axis: axis), to: [x], name: name ?? "unstack", outputs: number)
  }
}

/// Returns the extents of `x` as an integer vector.
public struct ShapeOf: NonDifferentiable {
  public static let tfName = "Shape"
  /// `int32` or `int64`.
  public let outType: DataType

  public init(outType: DataType = .int32) {
    self.outType = outType
  }

  public var attributes: [String: AttributeValue] { ["out_type": .type(outType)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard let extents = inputs[0].shape.extents else { return [TensorType(outType, [nil])] }
    return [TensorType(outType, [extents.count], value: extents)]
  }
}

/// Returns the extents of `x` as an integer vector; constant if they are all known.
///
/// Source: `tf.shape`.
public func shape(
  _ x: Tensor, outType: DataType = .int32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  if let known = x.shape.known, outType == .int32 {
    return constant(known.map(Int32.init(truncatingIfNeeded:)), name: name ?? "Shape", file: file, line: line)
  }
  return apply(ShapeOf(outType: outType), x, name: name, file: file, line: line)
}

/// Returns `x` with the same elements under the shape that the second input names.
public struct Reshape: Operation {
  public static let tfName = "Reshape"

  public init() {}

  public var fusion: FusionClass { .view }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[1], isOneOf: [.int32, .int64], "shape")
    try expectRank(1, inputs[1])
    guard let target = inputs[1].value else {
      return [TensorType(inputs[0].dataType, inputs[1].shape[0].map { Shape.unknown(rank: $0) } ?? .unknown)]
    }
    return [TensorType(inputs[0].dataType, try resolve(target, inputs[0].shape), value: inputs[0].value)]
  }

  /// Returns the shape with the extent in place of -1, as far as it follows from the number of elements.
  private func resolve(_ target: [Int?], _ source: Shape) throws(GraphError) -> Shape {
    guard target.count(where: { $0 == -1 }) <= 1 else {
      throw GraphError("only one input size may be -1, not both")
    }
    if target.contains(where: { $0.map { $0 < -1 } ?? false }) {
      throw GraphError("Size must be non-negative or -1 in shape \(Shape(target))")
    }
    let others = target.filter { $0 != -1 }.compactMap { $0 }
    guard let wildcard = target.firstIndex(of: -1) else {
      if let count = source.count, others.count == target.count, others.reduce(1, *) != count {
        throw GraphError(
          "Cannot reshape a tensor with \(count) elements to shape \(Shape(target)) (\(others.reduce(1, *)) elements)")
      }
      return Shape(target)
    }
    var extents = target
    extents[wildcard] = nil
    guard let count = source.count, others.count == target.count - 1 else { return Shape(extents) }
    let rest = others.reduce(1, *)
    guard rest > 0, count % rest == 0 else {
      throw GraphError(
        "Cannot reshape a tensor with \(count) elements to shape \(Shape(target)) (\(rest) does not divide it)")
    }
    extents[wildcard] = count / rest
    return Shape(extents)
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { reshape($0, to: shape(node.inputs[0])) }, nil]
  }
}

/// Returns `x` with the same elements under another shape; one extent may be -1, to be computed from the others.
///
/// Source: `tf.reshape`.
public func reshape(
  _ x: Tensor, to shape: [Int], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    if x.isPoisoned { return x }
    return nameScope(name ?? "Reshape") {
      let target = constant(shape.map(Int32.init(truncatingIfNeeded:)), name: "shape")
      return reshape(x, to: target, name: BuildContext.current.nameScope + "/")
    }
  }
}

/// Returns `x` with the same elements under the shape that an integer vector names.
public func reshape(
  _ x: Tensor, to shape: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Reshape(), x, shape, name: name, file: file, line: line)
}

/// Returns `x` with an axis of extent 1 put in.
public struct ExpandDims: Operation {
  public static let tfName = "ExpandDims"

  public init() {}

  public var fusion: FusionClass { .view }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[1], isOneOf: [.int32, .int64], "dim")
    guard var extents = inputs[0].shape.extents, let axis = inputs[1].knownValue?.first else {
      let rank = inputs[0].shape.rank.map { Shape.unknown(rank: $0 + 1) } ?? .unknown
      return [TensorType(inputs[0].dataType, rank)]
    }
    guard (-extents.count - 1...extents.count).contains(axis) else {
      throw GraphError("Tried to expand dim index \(axis) for tensor with \(extents.count) dimensions")
    }
    extents.insert(1, at: axis < 0 ? axis + extents.count + 1 : axis)
    return [TensorType(inputs[0].dataType, Shape(extents), value: inputs[0].value)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { reshape($0, to: shape(node.inputs[0])) }, nil]
  }
}

/// Returns `x` with an axis of extent 1 put in before `axis`, counted from the end if negative.
///
/// Source: `tf.expand_dims`.
public func expandDims(
  _ x: Tensor, axis: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    if x.isPoisoned { return x }
    return apply(ExpandDims(), x, constant(Int32(truncatingIfNeeded: axis), name: "dim"), name: name)
  }
}

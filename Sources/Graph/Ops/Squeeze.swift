/// Returns `x` without axes of extent 1.
public struct Squeeze: Operation {
  public static let tfName = "Squeeze"
  /// The axes that go away, which must have extent 1; if empty, all that have.
  public let axes: [Int]

  public init(axes: [Int] = []) {
    self.axes = axes
  }

  public var fusion: FusionClass { .view }
  public var attributes: [String: AttributeValue] { ["squeeze_dims": .ints(axes)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard let extents = inputs[0].shape.extents else { return [TensorType(inputs[0].dataType)] }
    if axes.isEmpty {
      let shape = extents.contains(nil) ? Shape.unknown : Shape(extents.filter { $0 != 1 })
      return [TensorType(inputs[0].dataType, shape, value: inputs[0].value)]
    }
    var removed: Set<Int> = []
    for axis in axes {
      let place = try resolve(axis: axis, rank: extents.count)
      if let extent = extents[place], extent != 1 {
        throw GraphError("Can not squeeze dim[\(place)], expected a dimension of 1, got \(extent)")
      }
      removed.insert(place)
    }
    let kept = extents.indices.filter { !removed.contains($0) }.map { extents[$0] }
    return [TensorType(inputs[0].dataType, Shape(kept), value: inputs[0].value)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { reshape($0, to: shape(node.inputs[0])) }]
  }
}

/// Returns `x` without axes of extent 1.
///
/// - Parameter axes: The axes that go away, counted from the end if negative; by default all that have extent 1.
///
/// Source: `tf.squeeze`.
public func squeeze(
  _ x: Tensor, axes: [Int] = [], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Squeeze(axes: axes), x, name: name, file: file, line: line)
}

/// Returns the number of elements of `x`.
public struct Size: NonDifferentiable {
  public static let tfName = "Size"
  /// `int32` or `int64`.
  public let outType: DataType

  public init(outType: DataType = .int32) {
    self.outType = outType
  }

  public var attributes: [String: AttributeValue] { ["out_type": .type(outType)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [TensorType(outType, .scalar, value: inputs[0].shape.count.map { [$0] })]
  }
}

/// Returns the number of axes of `x`.
public struct Rank: NonDifferentiable {
  public static let tfName = "Rank"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [TensorType(.int32, .scalar, value: inputs[0].shape.rank.map { [$0] })]
  }
}

/// Returns the number of elements of `x`, an integer scalar.
///
/// Source: `tf.size`.
public func size(
  _ x: Tensor, outType: DataType = .int32, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Size(outType: outType), x, name: name, file: file, line: line)
}

/// Returns the number of axes of `x`, an integer scalar.
///
/// Source: `tf.rank`.
public func rank(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Rank(), x, name: name, file: file, line: line)
}

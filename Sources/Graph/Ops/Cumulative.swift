/// An operation that runs along the axis that the second input, an integer scalar, names.
public protocol CumulativeOperation: Operation {
  /// Whether each result leaves its own element out.
  var exclusive: Bool { get }
  /// Whether it runs from the end.
  var reverse: Bool { get }
}

extension CumulativeOperation {
  public var attributes: [String: AttributeValue] { ["exclusive": .bool(exclusive), "reverse": .bool(reverse)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric, "x")
    try expectIndices(inputs[1], "axis")
    if let rank = inputs[0].shape.rank, let axis = inputs[1].knownValue?.first {
      _ = try resolve(axis: axis, rank: rank)
    }
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

/// Returns the sums of all elements up to each place along an axis.
public struct Cumsum: CumulativeOperation {
  public static let tfName = "Cumsum"
  public let exclusive: Bool
  public let reverse: Bool

  public init(exclusive: Bool = false, reverse: Bool = false) {
    self.exclusive = exclusive
    self.reverse = reverse
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(Cumsum(exclusive: exclusive, reverse: !reverse), $0, node.inputs[1]) }, nil]
  }
}

/// Returns the products of all elements up to each place along an axis.
public struct Cumprod: CumulativeOperation {
  public static let tfName = "Cumprod"
  public let exclusive: Bool
  public let reverse: Bool

  public init(exclusive: Bool = false, reverse: Bool = false) {
    self.exclusive = exclusive
    self.reverse = reverse
  }

  /// As in TensorFlow, a NaN where an element is zero.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let products = node.outputs[0] * dy
    return [apply(Cumsum(exclusive: exclusive, reverse: !reverse), products, node.inputs[1]) / node.inputs[0], nil]
  }
}

/// Returns the sums of all elements of `x` up to each place along `axis`.
///
/// - Parameters:
///   - exclusive: Whether each sum leaves its own element out.
///   - reverse: Whether the sums run from the end.
///
/// Source: `tf.cumsum`.
public func cumsum(
  _ x: Tensor, axis: Int = 0, exclusive: Bool = false, reverse: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Cumsum(exclusive: exclusive, reverse: reverse), on: x, name: name, file: file, line: line) {
    [x, constant(index: axis, name: "axis")]
  }
}

/// Returns the products of all elements of `x` up to each place along `axis`.
///
/// Source: `tf.math.cumprod`.
public func cumprod(
  _ x: Tensor, axis: Int = 0, exclusive: Bool = false, reverse: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(Cumprod(exclusive: exclusive, reverse: reverse), on: x, name: name, file: file, line: line) {
    [x, constant(index: axis, name: "axis")]
  }
}

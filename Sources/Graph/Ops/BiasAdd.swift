/// Returns images, or rows, with a number added to each channel.
public struct BiasAdd: Operation {
  public static let tfName = "BiasAdd"
  /// Which axis has the channels: the last for `nhwc`, whatever the rank; axis 1 for `nchw`.
  public let dataFormat: DataFormat

  public init(dataFormat: DataFormat = .nhwc) {
    self.dataFormat = dataFormat
  }

  public var attributes: [String: AttributeValue] { ["data_format": .string(dataFormat.rawValue)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectSameDataType(inputs[0], inputs[1])
    try expectRank(atLeast: 2, inputs[0])
    try expectRank(1, inputs[1])
    try expectEqual(inputs[0].shape[dataFormat.channelAxis], inputs[1].shape[0])
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0], upstream[0].map { apply(BiasAddGrad(dataFormat: dataFormat), $0) }]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [inputs[0] + channelVector(inputs[1], rank: inputs[0].shape.rank ?? 4, dataFormat)]
  }
}

/// Returns a vector in the shape in which it broadcasts along the channels of a tensor of this rank.
private func channelVector(_ vector: Tensor, rank: Int, _ format: DataFormat) -> Tensor {
  guard format == .nchw, rank > 2 else { return vector }
  return reshape(vector, to: [-1] + [Int](repeating: 1, count: rank - 2))
}

/// Returns the sum of each channel: the gradient of `BiasAdd` with respect to the bias.
public struct BiasAddGrad: UnaryOperation {
  public static let tfName = "BiasAddGrad"
  /// Which axis has the channels.
  public let dataFormat: DataFormat

  public init(dataFormat: DataFormat = .nhwc) {
    self.dataFormat = dataFormat
  }

  public var attributes: [String: AttributeValue] { ["data_format": .string(dataFormat.rawValue)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectRank(atLeast: 2, inputs[0])
    return [TensorType(inputs[0].dataType, [inputs[0].shape[dataFormat.channelAxis]])]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) throws(GraphError) -> Tensor? {
    guard let rank = x.shape.rank else { throw GraphError("BiasAddGrad has a gradient only for a known rank") }
    return broadcast(channelVector(dy, rank: rank, dataFormat), to: shape(x))
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard let rank = inputs[0].shape.rank else { return nil }
    let channel = dataFormat == .nhwc ? rank - 1 : 1
    return [reduceSum(inputs[0], axes: (0..<rank).filter { $0 != channel })]
  }
}

/// Returns `x` with `bias` `[C]` added along its channels: the last axis, or axis 1 for NCHW.
///
/// Source: `tf.nn.bias_add`.
public func biasAdd(
  _ x: Tensor, _ bias: Tensor, dataFormat: DataFormat = .nhwc, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  apply(BiasAdd(dataFormat: dataFormat), x, bias, name: name, file: file, line: line)
}

/// Returns images normalised per channel to mean 0 and variance 1, then scaled and shifted.
///
/// Inputs: images, scale, offset, mean, variance, the last four `[C]`; in training, mean and variance are computed from
/// the images. Outputs: the result; mean and variance (in training with Bessel's correction, for moving averages); mean
/// and variance as they were used, for the gradient; and an empty tensor.
public struct FusedBatchNorm: Operation {
  public static let tfName = "FusedBatchNormV3"
  /// Added to the variance.
  public let epsilon: Float
  /// Whether mean and variance are those of the images.
  public let isTraining: Bool
  /// The order of the axes of the images.
  public let dataFormat: DataFormat

  public init(epsilon: Float = 1e-4, isTraining: Bool = true, dataFormat: DataFormat = .nhwc) {
    self.epsilon = epsilon
    self.isTraining = isTraining
    self.dataFormat = dataFormat
  }

  public var attributes: [String: AttributeValue] {
    [
      "epsilon": .float(epsilon), "is_training": .bool(isTraining), "data_format": .string(dataFormat.rawValue),
      "exponential_avg_factor": .float(1),
    ]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(5, inputs)
    let x = inputs[0]
    try expect(x, isOneOf: DataType.computedFloats, "x")
    try expectRank(4, x)
    // In training an empty vector may stand for the mean and the variance.
    var channels = dataFormat.extents(of: x.shape).c
    for input in isTraining ? inputs[1...2] : inputs[1...4] {
      try expectRank(1, input)
      try expectSameDataType(x, input)
      try expectEqual(channels, input.shape[0])
      channels = channels ?? input.shape[0]
    }
    let vector = TensorType(x.dataType, [channels])
    let y = x.shape.merged(with: Shape(dataFormat.ordered(nil, nil, nil, channels))) ?? x.shape
    return [TensorType(x.dataType, y), vector, vector, vector, vector, TensorType(x.dataType, [0])]
  }

  // As in TensorFlow, only y has a gradient: the statistics are for moving averages.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil, nil, nil] }
    let x = node.inputs[0]
    let scale = node.inputs[1]
    let saved = isTraining ? node.outputs[3...5] : [node.inputs[3], node.inputs[4], node.outputs[5]][...]
    let operation = FusedBatchNormGrad(epsilon: epsilon, isTraining: isTraining, dataFormat: dataFormat)
    let results = apply(operation, to: [dy, x, scale] + saved, outputs: 5)
    return [results[0], results[1], results[2], nil, nil]
  }

  /// Statistics in one pass over the images, then one affine function per channel, for others to fuse with.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    if dataFormat == .nchw, isTraining {
      let last = FusedBatchNorm(epsilon: epsilon, isTraining: true, dataFormat: .nhwc)
      let results = apply(last, to: [toNHWC(inputs[0])] + inputs[1...], outputs: 6)
      return [toNCHW(results[0])] + results[1...]
    }
    let x = inputs[0]
    let channels = ChannelAxis(x, dataFormat)
    let none = constant(HostTensor(zeros: x.dataType, shape: [0]))
    guard isTraining else {
      let y = affine(x, inputs[1], inputs[2], mean: inputs[3], variance: inputs[4], channels)
      return [y] + inputs[3...4] + inputs[3...4] + [none]
    }
    let count = Double(max(channels.count, 1))
    let mean = channels.count == 0 ? channels.sum(x) : channels.mean(x)
    let variance = channels.count == 0 ? channels.sum(x) : channelVariance(x)
    let y = affine(x, inputs[1], inputs[2], mean: mean, variance: variance, channels)
    let corrected = variance * (count / max(count - 1, 1))
    return [y, mean, corrected, mean, variance, none]
  }

  private func affine(
    _ x: Tensor, _ scale: Tensor, _ offset: Tensor, mean: Tensor, variance: Tensor, _ channels: ChannelAxis
  ) -> Tensor {
    let slope = scale * rsqrt(variance + Double(epsilon))
    return x * channels.spread(slope) + channels.spread(offset - mean * slope)
  }
}

/// The channels of images as the axis along which statistics are kept.
struct ChannelAxis {
  private let shape: Shape
  private let format: DataFormat

  init(_ x: Tensor, _ format: DataFormat) {
    shape = x.shape
    self.format = format
  }

  private var extents: (n: Int?, h: Int?, w: Int?, c: Int?) { format.extents(of: shape) }

  /// The number of pixels: elements per channel. 0 while it is not known.
  var count: Int { (extents.n ?? 0) * (extents.h ?? 0) * (extents.w ?? 0) }

  /// The axes that statistics are taken over.
  var reduced: [Int] { format == .nhwc ? [0, 1, 2] : [0, 2, 3] }

  /// Returns a vector per channel in a shape that broadcasts over the images.
  func spread(_ vector: Tensor) -> Tensor {
    guard format == .nchw else { return vector }
    return reshape(vector, to: [1, -1, 1, 1])
  }

  /// Returns the sum of each channel.
  func sum(_ x: Tensor) -> Tensor { reduceSum(x, axes: reduced) }

  /// Returns the number of elements per channel as a scalar of the element type of `x`, known or not.
  func count(of x: Tensor) -> Tensor {
    if count > 0 { return constant(number: Double(count), x.dataType) }
    let extents = gather(EspalierGraph.shape(x), indices: shapeConstant(reduced))
    return cast(reduceProd(extents), to: x.dataType)
  }

  /// Returns the mean of each channel.
  func mean(_ x: Tensor) -> Tensor { reduceMean(x, axes: reduced) }
}

/// Returns images `x` normalised per channel, and the statistics for moving averages.
///
/// In training, mean and variance are those of `x`, and `variance` comes back with Bessel's correction n / (n - 1); the
/// normalisation itself uses the biased variance. Otherwise the given ones are used and handed back.
///
/// - Parameters:
///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]`.
///   - scale: γ, `[C]`.
///   - offset: β, `[C]`.
///   - mean: `[C]`; needed unless training.
///   - variance: `[C]`; needed unless training.
/// - Returns: `y` of the shape of `x`, `mean` and `variance` of shape `[C]`. Only `y` has a gradient.
///
/// Source: `tf.nn.fused_batch_norm`.
public func fusedBatchNorm(
  _ x: Tensor, scale: Tensor, offset: Tensor, mean: Tensor? = nil, variance: Tensor? = nil, epsilon: Double = 0.001,
  isTraining: Bool = true, dataFormat: DataFormat = .nhwc, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> (y: Tensor, mean: Tensor, variance: Tensor) {
  BuildContext.at(file, line) {
    if x.isPoisoned { return (x, x, x) }
    if !isTraining, mean == nil || variance == nil {
      let failed = failedTensor(
        "Both mean and variance must be a 1D tensor when is_training is False.", in: x.graph)
      return (failed, failed, failed)
    }
    // TensorFlow's floor: smaller numbers make cuDNN fail, and graphs should behave alike everywhere.
    let operation = FusedBatchNorm(
      epsilon: Float(max(epsilon, 1.001e-5)), isTraining: isTraining, dataFormat: dataFormat)
    let none = mean == nil || variance == nil ? constant(HostTensor(zeros: x.dataType, shape: [0])) : nil
    let statistics = [mean ?? none ?? x, variance ?? none ?? x]
    let outputs = apply(operation, to: [x, scale, offset] + statistics, name: name, outputs: 6)
    return (outputs[0], outputs[1], outputs[2])
  }
}

/// Returns (`x` - `mean`) / √(`variance` + `epsilon`) · `scale` + `offset`, all broadcast against each other.
///
/// - Parameters:
///   - offset: β; nil adds nothing.
///   - scale: γ; nil is 1.
///
/// Source: `tf.nn.batch_normalization`.
public func batchNormalization(
  _ x: Tensor, mean: Tensor, variance: Tensor, offset: Tensor?, scale: Tensor?, epsilon: Double,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("batchnorm", name, on: [x, mean, variance], file, line) {
    let inverse = rsqrt(variance + epsilon)
    let slope = scale.map { inverse * $0 } ?? inverse
    let shift = offset.map { $0 - mean * slope } ?? -(mean * slope)
    return x * slope + shift
  }
}

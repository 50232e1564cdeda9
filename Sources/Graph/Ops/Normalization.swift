/// Returns each element divided by a power of the sum of squares of its neighbours along the channels.
public struct LocalResponseNormalization: UnaryOperation {
  public static let tfName = "LRN"
  /// The number of neighbours on either side.
  public let depthRadius: Int
  /// Added to the sum.
  public let bias: Float
  /// What the sum is multiplied by.
  public let alpha: Float
  /// The power.
  public let beta: Float

  public init(depthRadius: Int = 5, bias: Float = 1, alpha: Float = 1, beta: Float = 0.5) {
    self.depthRadius = depthRadius
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
  }

  public var attributes: [String: AttributeValue] {
    ["depth_radius": .int(depthRadius), "bias": .float(bias), "alpha": .float(alpha), "beta": .float(beta)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.computedFloats, "input")
    try expectRank(4, inputs[0])
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }

  // y = x u^−β with u = bias + α Σ x² over the window, which is symmetric: a channel is in the windows of its own.
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    let u = base(x)
    let across = windowSum(dy * y / u)
    return dy * pow(u, Double(-beta)) - (2 * Double(alpha * beta)) * (x * across)
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    [inputs[0] * pow(base(inputs[0]), Double(-beta))]
  }

  private func base(_ x: Tensor) -> Tensor { Double(bias) + Double(alpha) * windowSum(square(x)) }

  /// Returns the sums over the windows of channels, as a product with a matrix of bands of ones.
  private func windowSum(_ x: Tensor) -> Tensor {
    guard let channels = x.shape[-1] else { return windowSumOfUnknownWidth(x) }
    var band = [Float](repeating: 0, count: channels * channels)
    for row in 0..<channels {
      for column in 0..<channels where abs(row - column) <= depthRadius { band[row * channels + column] = 1 }
    }
    let matrix = cast(constant(band, shape: [channels, channels], name: "band"), to: x.dataType)
    return reshape(matMul(reshape(x, to: [-1, channels]), matrix), to: shape(x))
  }

  private func windowSumOfUnknownWidth(_ x: Tensor) -> Tensor {
    failedTensor("LRN has a gradient only for a known number of channels", in: x.graph)
  }
}

/// Returns each element divided by (`bias` + `alpha` · Σ x²)^`beta`, the sum being over `depthRadius` channels on either
/// side, of the shape of `x`.
///
/// Source: `tf.nn.local_response_normalization`.
public func localResponseNormalization(
  _ x: Tensor, depthRadius: Int = 5, bias: Double = 1, alpha: Double = 1, beta: Double = 0.5, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = LocalResponseNormalization(
    depthRadius: depthRadius, bias: Float(bias), alpha: Float(alpha), beta: Float(beta))
  return apply(operation, x, name: name, file: file, line: line)
}

/// Returns `x` divided by the square root of the sum of its squares along `axes`, of the shape of `x`.
///
/// - Parameter epsilon: The least sum of squares that counts.
///
/// Source: `tf.math.l2_normalize`.
public func l2Normalize(
  _ x: Tensor, axes: [Int], epsilon: Double = 1e-12, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("l2_normalize", name, on: [x], file, line) {
    let squares = reduceSum(square(x), axes: axes, keepDims: true)
    return x * rsqrt(maximum(squares, epsilon))
  }
}

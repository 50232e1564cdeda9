/// Returns the gradients of `FusedBatchNorm` with respect to images, scale and offset.
///
/// Inputs: the gradient with respect to y; images, scale; mean and variance as they were used; and an empty tensor.
/// Outputs: the three gradients and two empty tensors.
public struct FusedBatchNormGrad: Operation {
  public static let tfName = "FusedBatchNormGradV3"
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
    ["epsilon": .float(epsilon), "is_training": .bool(isTraining), "data_format": .string(dataFormat.rawValue)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(6, inputs)
    let x = inputs[1]
    try expectSameType(inputs[0], x)
    try expectRank(4, x)
    var channels = dataFormat.extents(of: x.shape).c
    for input in inputs[2...4] {
      try expectRank(1, input)
      try expectSameDataType(x, input)
      try expectEqual(channels, input.shape[0])
      channels = channels ?? input.shape[0]
    }
    let vector = TensorType(x.dataType, [channels])
    let none = TensorType(x.dataType, [0])
    return [TensorType(x.dataType, x.shape), vector, vector, none, none]
  }

  /// Two sums in one pass over dy and x, then one affine function of both per channel.
  ///
  ///     dβ = Σ dy        dγ = r (Σ dy·x − μ Σ dy)        r = 1 / √(σ² + ε)
  ///     dx = γ r (dy − dβ / P − (x − μ) r dγ / P) = k (dy + (a x + b))
  ///
  /// In this order nothing but dy itself has to be kept between the two passes.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (dy, x, scale) = (inputs[0], inputs[1], inputs[2])
    let (mean, variance) = (inputs[3], inputs[4])
    let channels = ChannelAxis(x, dataFormat)
    let none = constant(HostTensor(zeros: x.dataType, shape: [0]))
    let r = rsqrt(variance + Double(epsilon))
    // Σ dy·(x − μ) rather than the difference of two sums, which cancels where |μ| ≫ σ.
    let dOffset = channels.sum(dy)
    let dScale = r * channels.sum(dy * (x - channels.spread(mean)))
    let k = scale * r
    guard isTraining else { return [dy * channels.spread(k), dScale, dOffset, none, none] }
    let count = Double(max(channels.count, 1))
    let a = -(r * dScale) / count
    let b = -dOffset / count - a * mean
    let dx = (dy + (x * channels.spread(a) + channels.spread(b))) * channels.spread(k)
    return [dx, dScale, dOffset, none, none]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    let second = SecondDerivative(node, upstream, channels: ChannelAxis(node.inputs[1], dataFormat))
    let r: (Tensor) -> Tensor = { rsqrt($0 + Double(epsilon)) }
    let results = isTraining ? second.ofTraining(r) : second.ofInference(r)
    return results + [nil, nil, nil]
  }
}

/// The gradient of the gradient of a batch normalisation.
///
/// With x̂ = (x − μ) r and Π(v) = v − mean(v) − x̂ mean(v x̂), which is symmetric:
///
///     dx = γ r Π(dy)      dγ = Σ dy x̂      dβ = Σ dy
///
/// Let g, gγ, gβ come in for these. Π is differentiated through x̂ alone, whose own transposed derivative is w ↦ r Π(w),
/// and r depends on x by −r² x̂ / P.
private struct SecondDerivative {
  private let dy, x, scale, mean, variance: Tensor
  private let gradientOfDx, gradientOfScale, gradientOfOffset: Tensor?
  private let channels: ChannelAxis

  init(_ node: Node, _ upstream: [Tensor?], channels: ChannelAxis) {
    let inputs = node.inputs
    (dy, x, scale, mean, variance) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    (gradientOfDx, gradientOfScale, gradientOfOffset) = (upstream[0], upstream[1], upstream[2])
    self.channels = channels
  }

  private func spread(_ vector: Tensor) -> Tensor { channels.spread(vector) }
  private func sum(_ images: Tensor) -> Tensor { channels.sum(images) }

  /// Returns the gradients with respect to dy, x and scale.
  func ofInference(_ inverseDeviation: (Tensor) -> Tensor) -> [Tensor?] {
    let r = inverseDeviation(variance)
    let normalized = (x - spread(mean)) * spread(r)
    let forDy = total([
      gradientOfDx.map { $0 * spread(scale * r) }, gradientOfScale.map { normalized * spread($0) },
      gradientOfOffset.map { broadcast(spread($0), to: shape(dy)) },
    ])
    return [
      forDy, gradientOfScale.map { dy * spread($0 * r) }, gradientOfDx.map { r * sum($0 * dy) },
    ]
  }

  /// Returns the gradients with respect to dy, x and scale. The statistics are computed anew from x, so that these
  /// gradients have gradients too.
  func ofTraining(_ inverseDeviation: (Tensor) -> Tensor) -> [Tensor?] {
    let count = channels.count(of: x)
    let centered = x - spread(sum(x) / count)
    let r = inverseDeviation(sum(centered * centered) / count)
    let normalized = centered * spread(r)
    let project: (Tensor) -> Tensor = { v in
      let along = normalized * spread(sum(v * normalized) / count)
      return v - spread(sum(v) / count) - along
    }
    let forDy = total([
      gradientOfDx.map { spread(scale * r) * project($0) }, gradientOfScale.map { normalized * spread($0) },
      gradientOfOffset.map { broadcast(spread($0), to: shape(dy)) },
    ])
    // What flows into x̂, from dγ and from both places where Π has it.
    let slope = scale * r / count
    let intoNormalized = total([
      gradientOfScale.map { dy * spread($0) },
      gradientOfDx.map { $0 * spread(-(slope * sum(dy * normalized))) },
      gradientOfDx.map { dy * spread(-(slope * sum($0 * normalized))) },
    ])
    let throughDeviation = gradientOfDx.map { g in
      let strength = scale * r * r / count
      return normalized * spread(-(strength * sum(g * project(dy))))
    }
    let forX = total([intoNormalized.map { spread(r) * project($0) }, throughDeviation])
    return [forDy, forX, gradientOfDx.map { r * sum($0 * project(dy)) }]
  }
}

/// Returns the sum of those terms that are there, or nil.
private func total(_ terms: [Tensor?]) -> Tensor? {
  let present = terms.compactMap { $0 }
  return present.dropFirst().reduce(present.first) { sum, term in sum.map { $0 + term } }
}

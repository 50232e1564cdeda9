/// Returns the variance of each channel of a tensor of any rank: that of everything along all axes but the last.
///
/// What batch normalisation is made of: the second input names the axes as for every reduction.
package struct ChannelVariance: ReductionOperation, NonDifferentiable {
  package static let tfName = "EspalierChannelVariance"

  package init() {}

  package var keepDims: Bool { false }
  package var fusion: FusionClass { .reduction(.variance) }
}

/// Returns the mean of the squared differences of `x` from its mean, per channel, of at least one element each.
package func channelVariance(_ x: Tensor) -> Tensor {
  let axes = Array(0..<max((x.shape.rank ?? 1) - 1, 0))
  return apply(ChannelVariance(), x, constant(axes.map(Int32.init(truncatingIfNeeded:))))
}

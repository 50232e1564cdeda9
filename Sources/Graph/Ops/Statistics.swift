/// Reductions made of others.

/// Returns the logarithm of the sum of the exponentials of `x` along `axes`, without overflow.
///
/// Source: `tf.reduce_logsumexp`.
public func reduceLogSumExp(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("ReduceLogSumExp", name, on: [x], file, line) {
    let largest = stopGradient(reduceMax(x, axes: axes, keepDims: true))
    // An infinite largest element is left in: ∞ - ∞ would be a NaN.
    let shift = select(isFinite(largest), largest, constant(number: 0, like: x, name: "zero"))
    let total = log(reduceSum(exp(x - shift), axes: axes, keepDims: keepDims))
    return total + (keepDims ? shift : reshape(shift, to: shape(total)))
  }
}

/// Returns the mean of the squared distances from the mean of `x` along `axes`.
///
/// Source: `tf.math.reduce_variance`.
public func reduceVariance(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("reduce_variance", name, on: [x], file, line) {
    let mean = reduceMean(x, axes: axes, keepDims: true)
    return reduceMean(square(x - mean), axes: axes, keepDims: keepDims)
  }
}

/// Returns the standard deviation of `x` along `axes`: the root of the mean squared distance from the mean.
///
/// Source: `tf.math.reduce_std`.
public func reduceStandardDeviation(
  _ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("reduce_std", name, on: [x], file, line) {
    sqrt(reduceVariance(x, axes: axes, keepDims: keepDims))
  }
}

/// Returns mean and variance of `x` along `axes`.
///
/// Source: `tf.nn.moments`.
public func moments(
  _ x: Tensor, axes: [Int], keepDims: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> (mean: Tensor, variance: Tensor) {
  let both = composite("moments", name, on: [x], file, line, outputs: 2) {
    let mean = reduceMean(x, axes: axes, keepDims: true, name: "mean")
    // TensorFlow stops the gradient through the mean here, which adds nothing to the first gradient, but is missing
    // from the second.
    let variance = reduceMean(squaredDifference(x, mean), axes: axes, keepDims: true, name: "variance")
    return keepDims ? [mean, variance] : [squeeze(mean, axes: axes), squeeze(variance, axes: axes)]
  }
  return (both[0], both[1])
}

/// How the length of a vector is measured.
public enum NormOrder: Hashable, Sendable {
  /// The root of the sum of squares.
  case euclidean
  /// The sum of magnitudes.
  case one
  /// The largest magnitude.
  case infinity
}

/// Returns the length of `x` seen as a vector along `axes`; all of them, if nil.
///
/// Source: `tf.norm`.
public func norm(
  _ x: Tensor, order: NormOrder = .euclidean, axes: [Int]? = nil, keepDims: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("norm", name, on: [x], file, line) {
    switch order {
    case .euclidean: sqrt(reduceSum(square(x), axes: axes, keepDims: keepDims))
    case .one: reduceSum(abs(x), axes: axes, keepDims: keepDims)
    case .infinity: reduceMax(abs(x), axes: axes, keepDims: keepDims)
    }
  }
}

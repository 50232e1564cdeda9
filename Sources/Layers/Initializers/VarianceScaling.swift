import EspalierGraph

/// What the variance of initial weights is divided by.
public enum FanMode: Hashable, Sendable {
  /// The number of values that an output depends on.
  case fanIn
  /// The number of outputs that depend on an input.
  case fanOut
  /// The mean of both.
  case fanAverage

  func count(of shape: [Int]) -> Double {
    let (fanIn, fanOut) = fans(of: shape)
    switch self {
    case .fanIn: return max(1, fanIn)
    case .fanOut: return max(1, fanOut)
    case .fanAverage: return max(1, (fanIn + fanOut) / 2)
    }
  }
}

/// The distribution that initial weights are drawn from.
public enum WeightDistribution: Hashable, Sendable {
  /// Normal, without what is more than two standard deviations off.
  case truncatedNormal
  /// Normal.
  case untruncatedNormal
  /// Even between two limits.
  case uniform
}

extension Initializers {
  /// The standard deviation of the normal distribution of deviation 1 that was cut off at ±2.
  private static let truncatedDeviation = 0.87962566103423978

  /// Returns random weights of variance `scale` / n, n as `mode` counts it.
  ///
  /// A normal distribution that is truncated at two standard deviations has a smaller variance than before; the
  /// weights are stretched to make up for that. The defaults are those of TensorFlow.
  ///
  /// Source: `tf.variance_scaling_initializer`.
  public static func varianceScaling(
    scale: Double = 1, mode: FanMode = .fanIn, distribution: WeightDistribution = .truncatedNormal, seed: Int? = nil
  ) -> Initializer {
    { shape, dataType in
      guard scale > 0 else { return failedTensor("`scale` must be positive float.") }
      let deviation = (scale / mode.count(of: shape)).squareRoot()
      switch distribution {
      case .truncatedNormal:
        return truncatedNormal(standardDeviation: deviation / truncatedDeviation, seed: seed)(shape, dataType)
      case .untruncatedNormal:
        return randomNormal(standardDeviation: deviation, seed: seed)(shape, dataType)
      case .uniform:
        let limit = 3.0.squareRoot() * deviation
        return randomUniform(minimum: -limit, maximum: limit, seed: seed)(shape, dataType)
      }
    }
  }

  /// Returns random weights of variance `factor` / n as TensorFlow's contrib and slim layers draw them: the truncated
  /// normal distribution is stretched by √1.3.
  ///
  /// Source: `tf.contrib.layers.variance_scaling_initializer`.
  public static func slimVarianceScaling(
    factor: Double = 2, mode: FanMode = .fanIn, uniform: Bool = false, seed: Int? = nil
  ) -> Initializer {
    { shape, dataType in
      let variance = factor / mode.count(of: shape)
      let limit = (3 * variance).squareRoot()
      return uniform
        ? randomUniform(minimum: -limit, maximum: limit, seed: seed)(shape, dataType)
        : truncatedNormal(standardDeviation: (1.3 * variance).squareRoot(), seed: seed)(shape, dataType)
    }
  }

  /// Returns numbers drawn evenly from ±√(6 / (fan in + fan out)): what variables have that name no initializer.
  ///
  /// Source: Glorot and Bengio 2010, `tf.glorot_uniform_initializer`.
  public static func glorotUniform(seed: Int? = nil) -> Initializer {
    varianceScaling(mode: .fanAverage, distribution: .uniform, seed: seed)
  }

  /// Returns truncated normal numbers of variance 2 / (fan in + fan out).
  ///
  /// Source: Glorot and Bengio 2010, `tf.glorot_normal_initializer`.
  public static func glorotNormal(seed: Int? = nil) -> Initializer {
    varianceScaling(mode: .fanAverage, seed: seed)
  }

  /// Returns truncated normal numbers of variance 2 / fan in.
  ///
  /// Source: He et al. 2015, `tf.initializers.he_normal`.
  public static func heNormal(seed: Int? = nil) -> Initializer {
    varianceScaling(scale: 2, seed: seed)
  }

  /// Returns numbers drawn evenly from ±√(6 / fan in).
  ///
  /// Source: He et al. 2015, `tf.initializers.he_uniform`.
  public static func heUniform(seed: Int? = nil) -> Initializer {
    varianceScaling(scale: 2, distribution: .uniform, seed: seed)
  }

  /// Returns truncated normal numbers of variance 1 / fan in.
  ///
  /// Source: LeCun et al. 1998, `tf.initializers.lecun_normal`.
  public static func lecunNormal(seed: Int? = nil) -> Initializer {
    varianceScaling(seed: seed)
  }

  /// Returns numbers drawn evenly from ±√(3 / fan in).
  ///
  /// Source: LeCun et al. 1998, `tf.initializers.lecun_uniform`.
  public static func lecunUniform(seed: Int? = nil) -> Initializer {
    varianceScaling(distribution: .uniform, seed: seed)
  }
}

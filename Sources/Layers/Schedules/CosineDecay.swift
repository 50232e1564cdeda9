import EspalierGraph

extension LearningRate {
  /// Returns a rate that falls from `rate` along half a cosine wave, to the share `alpha` of it after `decaySteps`.
  ///
  /// Source: Loshchilov and Hutter 2016, "SGDR"; `tf.train.cosine_decay`.
  public static func cosineDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, alpha: Double = 0,
    name: String = "CosineDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let share = minimum(cast(step, to: .float32), decaySteps) / decaySteps
      let wave = 0.5 * (1 + cos(share * Double.pi))
      return rate.tensor(of: .float32, name: "learning_rate") * ((1 - alpha) * wave + alpha)
    }
  }

  /// Returns a rate that falls along half cosine waves again and again.
  ///
  /// - Parameters:
  ///   - firstDecaySteps: The length of the first wave.
  ///   - lengthFactor: How much longer each wave is than the one before (`t_mul`).
  ///   - heightFactor: How high each wave begins in proportion to the one before (`m_mul`).
  ///   - alpha: The share of `rate` at the end of each wave.
  ///
  /// Source: Loshchilov and Hutter 2016, "SGDR"; `tf.train.cosine_decay_restarts`.
  public static func cosineDecayRestarts(
    _ rate: any TensorConvertible, step: Tensor, firstDecaySteps: Double, lengthFactor: Double = 2,
    heightFactor: Double = 1, alpha: Double = 0, name: String = "SGDRDecay", file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let (wave, share) = position(cast(step, to: .float32) / firstDecaySteps, lengthFactor)
      let height = pow(constant(Float(heightFactor)), wave)
      let decayed = 0.5 * height * (1 + cos(share * Double.pi))
      return rate.tensor(of: .float32, name: "learning_rate") * ((1 - alpha) * decayed + alpha)
    }
  }

  /// Returns the number of the wave, and which share of it is over, after `time` lengths of the first wave.
  private static func position(_ time: Tensor, _ factor: Double) -> (wave: Tensor, share: Tensor) {
    if factor == 1 {
      let wave = floor(time)
      return (wave, time - wave)
    }
    // Wave number n begins at (1 − fⁿ) / (1 − f).
    let wave = floor(log(1 - time * (1 - factor)) / log(constant(Float(factor))))
    let length = pow(constant(Float(factor)), wave)
    return (wave, (time - (1 - length) / (1 - factor)) / length)
  }

  /// Returns a rate that falls along a line times a cosine wave: `rate` · ((`alpha` + line) · wave + `beta`).
  ///
  /// - Parameter periodCount: The number of full waves in `decaySteps`.
  ///
  /// Source: Bello et al. 2017, "Neural Optimizer Search with Reinforcement Learning"; `tf.train.linear_cosine_decay`.
  public static func linearCosineDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, periodCount: Double = 0.5, alpha: Double = 0,
    beta: Double = 0.001, name: String = "LinearCosineDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let share = minimum(cast(step, to: .float32), decaySteps) / decaySteps
      let wave = 0.5 * (1 + cos(share * (2 * periodCount * Double.pi)))
      return rate.tensor(of: .float32, name: "learning_rate") * ((1 - share + alpha) * wave + beta)
    }
  }

  /// Returns a rate as `linearCosineDecay` does, with normal noise on the line whose variance falls as
  /// `initialVariance` / (1 + step)^`varianceDecay`.
  ///
  /// Source: `tf.train.noisy_linear_cosine_decay`.
  public static func noisyLinearCosineDecay(
    _ rate: any TensorConvertible, step: Tensor, decaySteps: Double, initialVariance: Double = 1,
    varianceDecay: Double = 0.55, periodCount: Double = 0.5, alpha: Double = 0, beta: Double = 0.001,
    seed: Int? = nil, name: String = "NoisyLinearCosineDecay", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    schedule(name, step, file, line) {
      let now = minimum(cast(step, to: .float32), decaySteps)
      let share = now / decaySteps
      let deviation = sqrt(initialVariance / pow(1 + now, varianceDecay))
      let noise = randomNormal([], seed: seed) * deviation
      let wave = 0.5 * (1 + cos(share * (2 * periodCount * Double.pi)))
      return rate.tensor(of: .float32, name: "learning_rate") * ((1 - share + noise + alpha) * wave + beta)
    }
  }
}

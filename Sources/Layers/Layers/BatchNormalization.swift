import EspalierGraph

extension Layers {
  /// Returns `x` normalised along all axes but that of the channels, then scaled by γ and shifted by β.
  ///
  /// When training, mean and variance are those of the batch, and two nodes that let `moving_mean` and
  /// `moving_variance` follow them join the collection `update_ops`; a training step must run them. Otherwise the moving
  /// values normalise. Variables: `gamma` (ones), `beta` (zeros), `moving_mean` (zeros), `moving_variance` (ones), all
  /// `[C]`.
  ///
  /// - Parameters:
  ///   - x: `[N, …, C]` or `[N, C, …]`; C must be known.
  ///   - axis: The axis of the channels.
  ///   - momentum: How much of the moving values stays with each update.
  ///   - epsilon: Joins the variance.
  ///   - center: Whether there is a β.
  ///   - scale: Whether there is a γ.
  ///   - training: A flag, or a scalar `bool` tensor.
  ///   - fused: Whether one operation does it all, for images; by default wherever it can. It lets the moving variance
  ///     follow the variance times n / (n − 1).
  ///   - name: The variable scope, by default `defaultName`, made unique.
  ///   - defaultName: What names unnamed layers; TensorFlow's contrib layers say `BatchNorm`.
  ///
  /// Source: Ioffe and Szegedy 2015, `tf.layers.batch_normalization`.
  public static func batchNormalization(
    _ x: Tensor, axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer? = nil, gammaInitializer: Initializer? = nil,
    movingMeanInitializer: Initializer? = nil, movingVarianceInitializer: Initializer? = nil,
    betaRegularizer: Regularizer? = nil, gammaRegularizer: Regularizer? = nil, training: any TrainingFlag = false,
    trainable: Bool = true, name: String? = nil, reuse: VariableReuse? = nil, fused: Bool? = nil,
    defaultName: String = "batch_normalization", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope(defaultName, name, reuse, on: x, file, line) {
      guard let rank = x.shape.rank else { return failedTensor("Input has undefined rank") }
      guard (-rank..<rank).contains(axis) else { return failedTensor("Invalid axis: \(axis)") }
      let channelAxis = axis < 0 ? axis + rank : axis
      guard let channels = x.shape[channelAxis] else {
        return failedTensor("Input has undefined `axis` dimension. Input shape: \(x.shape.tuple)")
      }
      func parameter(_ name: String, _ initializer: @escaping Initializer, _ regularizer: Regularizer?) -> Tensor {
        getVariable(
          name, shape: [channels], dataType: x.dataType, initializer: initializer, regularizer: regularizer,
          trainable: trainable
        ).tensor
      }
      func statistic(_ name: String, _ initializer: @escaping Initializer) -> Variable {
        getVariable(name, shape: [channels], dataType: x.dataType, initializer: initializer, trainable: false).variable
      }
      let normalization = Normalization(
        x: x, axis: channelAxis, momentum: momentum, epsilon: epsilon,
        gamma: scale ? parameter("gamma", gammaInitializer ?? Initializers.ones, gammaRegularizer) : nil,
        beta: center ? parameter("beta", betaInitializer ?? Initializers.zeros, betaRegularizer) : nil,
        movingMean: statistic("moving_mean", movingMeanInitializer ?? Initializers.zeros),
        movingVariance: statistic("moving_variance", movingVarianceInitializer ?? Initializers.ones))
      let canFuse = rank == 4 && (channelAxis == 1 || channelAxis == 3)
      if fused == true, !canFuse {
        return failedTensor("Unsupported axis, fused batch norm only supports axis == [1] or axis == [3]")
      }
      return normalization.build(training, fused: fused ?? canFuse)
    }
  }
}

/// One batch normalisation that is being built.
private struct Normalization {
  let x: Tensor
  let axis: Int
  let momentum: Double
  let epsilon: Double
  let gamma: Tensor?
  let beta: Tensor?
  let movingMean: Variable
  let movingVariance: Variable

  private typealias Result = (y: Tensor, mean: Tensor, variance: Tensor)

  func build(_ training: any TrainingFlag, fused: Bool) -> Tensor {
    if training.known == false { return fused ? applyFused(training: false).y : applyMoving() }
    let batch = fused ? applyFused(training: true) : applyBatch()
    guard let flag = training.tensor else {
      update(batch, keeping: momentum)
      return batch.y
    }
    // What decides in each run chooses between both results; where not training, the moving values keep all of theirs.
    update(batch, keeping: select(flag, constant(number: momentum, x.dataType), constant(number: 1, x.dataType)))
    return select(flag, batch.y, fused ? applyFused(training: false).y : applyMoving())
  }

  private func applyFused(training: Bool) -> Result {
    let channels = movingMean.shape
    let result = fusedBatchNorm(
      x, scale: gamma ?? ones(channels, dataType: x.dataType), offset: beta ?? zeros(channels, dataType: x.dataType),
      mean: training ? nil : movingMean.value, variance: training ? nil : movingVariance.value, epsilon: epsilon,
      isTraining: training, dataFormat: axis == 1 ? .nchw : .nhwc)
    return (result.y, result.mean, result.variance)
  }

  private func applyBatch() -> Result {
    let axes = (0..<(x.shape.rank ?? 0)).filter { $0 != axis }
    let (mean, variance) = moments(x, axes: axes)
    return (normalize(mean, variance), mean, variance)
  }

  private func applyMoving() -> Tensor { normalize(movingMean.value, movingVariance.value) }

  private func normalize(_ mean: Tensor, _ variance: Tensor) -> Tensor {
    EspalierGraph.batchNormalization(
      x, mean: aligned(mean), variance: aligned(variance), offset: beta.map(aligned), scale: gamma.map(aligned),
      epsilon: epsilon)
  }

  /// Returns a vector along the axis of the channels, in a shape that is broadcast against `x`.
  private func aligned(_ vector: Tensor) -> Tensor {
    guard let rank = x.shape.rank, axis != rank - 1 else { return vector }
    return reshape(vector, to: (0..<rank).map { $0 == axis ? -1 : 1 })
  }

  private func update(_ batch: Result, keeping momentum: any TensorConvertible) {
    for (average, value) in [(movingMean, batch.mean), (movingVariance, batch.variance)] {
      let updated = assignMovingAverage(average, value, decay: momentum)
      if !updated.isPoisoned { x.graph.add(updated.node, to: .updateOps) }
    }
  }
}

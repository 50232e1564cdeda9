import EspalierGraph
import EspalierLayers

extension ResidualNetwork {
  /// Returns two convolutions, each after its normalisation, plus the input.
  ///
  /// norm – relu – conv(stride) – norm – relu – conv; where channels grow, the input is pooled and padded with channels
  /// of zeros. `activatesBefore` lets the input come after the first relu.
  ///
  /// Source: `_residual`.
  func residual(_ x: Tensor, _ from: Int, _ to: Int, stride: Int, activatesBefore: Bool) -> Tensor {
    let active = variableScope(activatesBefore ? "shared_activation" : "residual_only_activation") {
      relu(batchNorm("init_bn", x))
    }
    let first = variableScope("sub1") { conv("conv1", active, 3, from, to, stride) }
    let second = variableScope("sub2") { conv("conv2", relu(batchNorm("bn2", first)), 3, to, to, 1) }
    return variableScope("sub_add") {
      let origin = activatesBefore ? active : x
      return second + (from == to ? origin : padded(pooled(origin, stride), by: (to - from) / 2))
    }
  }

  /// Returns three convolutions around a narrow middle, each after its normalisation, plus the input, which a
  /// convolution brings to the shape where channels grow.
  ///
  /// Source: `_bottleneck_residual`.
  func bottleneckResidual(_ x: Tensor, _ from: Int, _ to: Int, stride: Int, activatesBefore: Bool) -> Tensor {
    let active = variableScope(activatesBefore ? "common_bn_relu" : "residual_bn_relu") {
      relu(batchNorm("init_bn", x))
    }
    let narrow = to / 4
    let first = variableScope("sub1") { conv("conv1", active, 1, from, narrow, stride) }
    let second = variableScope("sub2") { conv("conv2", relu(batchNorm("bn2", first)), 3, narrow, narrow, 1) }
    let third = variableScope("sub3") { conv("conv3", relu(batchNorm("bn3", second)), 1, narrow, to, 1) }
    return variableScope("sub_add") {
      let origin = activatesBefore ? active : x
      return third + (from == to ? origin : conv("project", origin, 1, from, to, stride))
    }
  }

  /// Returns a convolution whose weights are drawn with the deviation √(2 / (size² · `to`)).
  ///
  /// Source: `_conv`.
  func conv(_ name: String, _ x: Tensor, _ size: Int, _ from: Int, _ to: Int, _ stride: Int) -> Tensor {
    variableScope(name) {
      let deviation = (2 / Double(size * size * to)).squareRoot()
      let kernel = getVariable(
        "DW", shape: [size, size, from, to], initializer: Initializers.randomNormal(standardDeviation: deviation))
      return conv2D(x, filter: kernel.tensor, strides: (stride, stride), padding: .same)
    }
  }

  /// Returns `x` where positive, a small share of it elsewhere.
  ///
  /// Source: `_relu`.
  public func relu(_ x: Tensor) -> Tensor {
    if hyperparameters.reluLeakiness == 0 { return EspalierGraph.relu(x) }
    return select(less(x, zeros(like: x)), hyperparameters.reluLeakiness * x, x, name: "leaky_relu")
  }

  /// Returns `x` normalised over the batch or by moving averages, with scale and shift.
  ///
  /// The averages are corrected for their start at zero. In evaluation they are summarised as histograms.
  ///
  /// Source: `_batch_norm`.
  func batchNorm(_ name: String, _ x: Tensor) -> Tensor {
    variableScope(name) {
      let channels = [x.shape[-1] ?? 0]
      let beta = getVariable("beta", shape: channels, initializer: Initializers.zeros)
      let gamma = getVariable("gamma", shape: channels, initializer: Initializers.ones)
      let movingMean = getVariable("moving_mean", shape: channels, initializer: Initializers.zeros, trainable: false)
      let movingVariance = getVariable(
        "moving_variance", shape: channels, initializer: Initializers.ones, trainable: false)
      var (mean, variance) = (movingMean.tensor, movingVariance.tensor)
      if isTraining {
        (mean, variance) = moments(x, axes: [0, 1, 2])
        keep(assignDebiasedMovingAverage(movingMean.variable, mean, decay: 0.9).node)
        keep(assignDebiasedMovingAverage(movingVariance.variable, variance, decay: 0.9).node)
      } else {
        Summaries.histogram(movingMean.variable.name, mean)
        Summaries.histogram(movingVariance.variable.name, variance)
      }
      return batchNormalization(
        x, mean: mean, variance: variance, offset: beta.tensor, scale: gamma.tensor, epsilon: 0.001)
    }
  }

  /// Returns `count` values for each image, from all of its values.
  ///
  /// Source: `_fully_connected`.
  func fullyConnected(_ x: Tensor, _ count: Int) -> Tensor {
    let flat = Layers.flatten(x)
    let weights = getVariable(
      "DW", shape: [flat.shape[-1] ?? 0, count], initializer: Initializers.uniformUnitScaling(factor: 1))
    let biases = getVariable("biases", shape: [count], initializer: Initializers.zeros)
    return matMul(flat, weights.tensor) + biases.tensor
  }

  /// Returns the mean of each channel over rows and columns of `x`, which must have four axes.
  ///
  /// Source: `_global_avg_pool`.
  public func globalAveragePool(_ x: Tensor) -> Tensor {
    guard let rank = x.shape.rank, rank != 4 else { return reduceMean(x, axes: [1, 2]) }
    return failedTensor("globalAveragePool takes [N, H, W, C], not \(x.shape)", in: x.graph)
  }

  private func pooled(_ x: Tensor, _ stride: Int) -> Tensor {
    averagePool2D(x, size: (stride, stride), strides: (stride, stride), padding: .valid)
  }

  private func padded(_ x: Tensor, by channels: Int) -> Tensor {
    pad(x, paddings: [(0, 0), (0, 0), (0, 0), (channels, channels)])
  }
}

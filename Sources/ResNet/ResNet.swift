import EspalierGraph
import EspalierLayers

/// The parts that residual networks are made of; subclass it and put them together in `forwardPass`.
///
///     final class SmallNet: ResNet {
///       override func forwardPass(_ x: Tensor) -> Tensor {
///         var y = relu(batchNorm(conv(x, kernelSize: 3, filters: 16, strides: 1)))
///         y = residualV1(y, kernelSize: 3, inFilters: 16, outFilters: 32, stride: 2)
///         return fullyConnected(globalAveragePool(y), units: 10)
///       }
///     }
///
/// Source: `model_base.ResNet` of TensorFlow's CIFAR-10 estimator tutorial.
open class ResNet {
  /// Whether batch normalisation uses the statistics of the batch: a flag, or a scalar `bool` tensor.
  public let isTraining: any TrainingFlag
  /// The order of the axes inside the network.
  public let dataFormat: DataFormat
  /// How much of the moving statistics stays with each update.
  public let batchNormDecay: Double
  /// What joins the variance in batch normalisation.
  public let batchNormEpsilon: Double
  /// Is told the shape after each residual unit, `image after unit stage/residual_v1: (None, 32, 32, 16)`.
  public var log: ((String) -> Void)?

  /// Returns the parts of a network.
  public init(
    isTraining: any TrainingFlag, dataFormat: DataFormat = .nhwc, batchNormDecay: Double, batchNormEpsilon: Double
  ) {
    self.isTraining = isTraining
    self.dataFormat = dataFormat
    self.batchNormDecay = batchNormDecay
    self.batchNormEpsilon = batchNormEpsilon
  }

  /// Returns what the network makes of `x`; subclasses say what that is.
  open func forwardPass(_ x: Tensor) -> Tensor {
    failedTensor("forward_pass() is implemented in ResNet sub classes", in: x.graph)
  }

  /// Returns a convolution without bias.
  ///
  /// With strides above 1 the padding does not depend on the size of the images: half of `kernelSize` − 1 on each side
  /// (`isAtrous` pads as `same` does even then).
  open func conv(_ x: Tensor, kernelSize: Int, filters: Int, strides: Int, isAtrous: Bool = false) -> Tensor {
    guard strides > 1, !isAtrous else {
      return Layers.conv2D(
        x, filters: filters, kernelSize: kernelSize, strides: strides, padding: .same, dataFormat: dataFormat,
        useBias: false)
    }
    let before = (kernelSize - 1) / 2
    let after = kernelSize - 1 - before
    let padded = pad(x, paddings: spatial((before, after), others: (0, 0)))
    return Layers.conv2D(
      padded, filters: filters, kernelSize: kernelSize, strides: strides, padding: .valid, dataFormat: dataFormat,
      useBias: false)
  }

  /// Returns a pair for each axis: `rows` for those of rows and columns.
  private func spatial(
    _ rows: (before: Int, after: Int), others: (before: Int, after: Int)
  ) -> [(before: Int, after: Int)] {
    dataFormat == .nhwc ? [others, rows, rows, others] : [others, others, rows, rows]
  }

  /// Returns `x` normalised over the batch, with scale and shift: variables `BatchNorm/gamma`…
  open func batchNorm(_ x: Tensor) -> Tensor {
    Layers.batchNormalization(
      x, axis: dataFormat == .nhwc ? 3 : 1, momentum: batchNormDecay, epsilon: batchNormEpsilon, training: isTraining,
      fused: true, defaultName: "BatchNorm")
  }

  /// Returns max(0, x).
  open func relu(_ x: Tensor) -> Tensor { EspalierGraph.relu(x) }

  /// Returns `units` values for each image, from all of its values: variables `dense/kernel`, `dense/bias`.
  open func fullyConnected(_ x: Tensor, units: Int) -> Tensor {
    nameScope("fully_connected") { Layers.dense(x, units: units) }
  }

  /// Returns the mean of each window; at a border, of what is inside the image.
  open func averagePool(_ x: Tensor, size: Int, stride: Int) -> Tensor {
    nameScope("avg_pool") {
      Layers.averagePooling2D(x, poolSize: size, strides: stride, padding: .same, dataFormat: dataFormat)
    }
  }

  /// Returns the mean of each channel over rows and columns, `[N, C]`.
  open func globalAveragePool(_ x: Tensor) -> Tensor {
    nameScope("global_avg_pool") { reduceMean(x, axes: dataFormat == .nhwc ? [1, 2] : [2, 3]) }
  }

  /// Returns images with channels of zeros around their channels, as many before as after.
  func padChannels(_ x: Tensor, by count: Int) -> Tensor {
    pad(
      x,
      paddings: spatial((0, 0), others: (0, 0)).enumerated().map { axis, none in
        axis == (dataFormat == .nhwc ? 3 : 1) ? (count, count) : none
      })
  }

  /// Returns the input of a residual unit in the shape of its output: pooled, and with channels of zeros.
  func shortcut(_ x: Tensor, inFilters: Int, outFilters: Int, stride: Int) -> Tensor {
    padChannels(averagePool(x, size: stride, stride: stride), by: (outFilters - inFilters) / 2)
  }

  func report(_ x: Tensor, after unit: String) {
    log?("image after unit \(unit)/: \(x.shape.tuple)")
  }
}

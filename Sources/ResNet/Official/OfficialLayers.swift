import EspalierGraph
import EspalierLayers

/// The layers that TensorFlow's official ResNet is made of.
///
/// Images are `[N, H, W, C]` or `[N, C, H, W]`, as `dataFormat` says. Values of half precision are stored in it and
/// computed with in single precision.
///
/// Source: `official/resnet/resnet_model.py` of tensorflow/models.
public enum OfficialResNet {
  /// How much of the moving statistics stays with each update.
  public static let batchNormDecay = 0.997
  /// What joins the variance.
  public static let batchNormEpsilon = 1e-5

  /// Returns `x` normalised over the batch, with scale and shift: variables `batch_normalization/gamma`…
  public static func batchNorm(_ x: Tensor, training: any TrainingFlag, dataFormat: DataFormat) -> Tensor {
    inSinglePrecision(x) {
      Layers.batchNormalization(
        $0, axis: dataFormat == .nchw ? 1 : 3, momentum: batchNormDecay, epsilon: batchNormEpsilon,
        training: training, fused: true)
    }
  }

  /// Returns images with `kernelSize` − 1 rows and columns of zeros around them, whatever their size; half of them, and
  /// what is odd, go to the bottom and the right.
  public static func fixedPadding(_ x: Tensor, kernelSize: Int, dataFormat: DataFormat) -> Tensor {
    let before = (kernelSize - 1) / 2
    let rows = (before: before, after: kernelSize - 1 - before)
    return inSinglePrecision(x) { pad($0, paddings: dataFormat.ordered((0, 0), rows, rows, (0, 0))) }
  }

  /// Returns a convolution without bias whose padding does not depend on the size of the images.
  ///
  /// Variable `conv2d/kernel`, drawn with variance 1 / fan in.
  public static func conv2DFixedPadding(
    _ x: Tensor, filters: Int, kernelSize: Int, strides: Int, dataFormat: DataFormat
  ) -> Tensor {
    let padded = strides > 1 ? fixedPadding(x, kernelSize: kernelSize, dataFormat: dataFormat) : x
    return inSinglePrecision(padded) {
      Layers.conv2D(
        $0, filters: filters, kernelSize: kernelSize, strides: strides, padding: strides == 1 ? .same : .valid,
        dataFormat: dataFormat, useBias: false, kernelInitializer: Initializers.varianceScaling())
    }
  }

  /// Returns the greatest element of each window, with as many windows as there are strides in the image.
  static func maxPool(_ x: Tensor, size: Int, strides: Int, dataFormat: DataFormat) -> Tensor {
    inSinglePrecision(x) {
      Layers.maxPooling2D($0, poolSize: size, strides: strides, padding: .same, dataFormat: dataFormat)
    }
  }

  /// Returns the mean over rows and columns, `[N, C]`.
  static func meanOfPixels(_ x: Tensor, dataFormat: DataFormat) -> Tensor {
    let axes = dataFormat == .nchw ? [2, 3] : [1, 2]
    let mean = inSinglePrecision(x) { reduceMean($0, axes: axes, keepDims: true) }
    return squeeze(identity(mean, name: "final_reduce_mean"), axes: axes)
  }

  /// Returns what `body` makes of `x`, computed in single precision and stored in the element type of `x`.
  static func inSinglePrecision(_ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    if x.isPoisoned || x.dataType != .float16 { return body(x) }
    let y = body(cast(x, to: .float32))
    return y.isPoisoned ? y : cast(y, to: x.dataType)
  }
}

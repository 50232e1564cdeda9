import EspalierGraph
import EspalierLayers

/// The residual network of 6n + 2 layers for the 32 × 32 images of CIFAR-10.
///
///     let net = ResNetCifar10(layerCount: 44, isTraining: true, batchNormDecay: 0.997, batchNormEpsilon: 1e-5)
///     let logits = variableScope("resnet") { net.forwardPass(images) }
///
/// A convolution to 16 channels, three stages of n units with 16, 32 and 64 channels, the mean over rows and columns,
/// and a dense layer. With 44 layers it has 658,651 trained parameters. Subclasses may change the number of classes,
/// channels, strides, or the unit.
///
/// Source: `cifar10_model.ResNetCifar10` of TensorFlow's CIFAR-10 estimator tutorial.
open class ResNetCifar10: ResNet {
  /// The number of units in each stage, n.
  public let unitsPerStage: Int
  /// The number of classes: 10, and one that TensorFlow's tutorial leaves unused.
  public let classCount: Int
  /// The channels of the first convolution and of each stage.
  public let filters: [Int]
  /// The stride of the first unit of each stage.
  public let strides: [Int]

  /// Returns a network of `layerCount` layers.
  ///
  /// - Parameters:
  ///   - layerCount: 6n + 2.
  ///   - filters: One more than there are stages.
  public init(
    layerCount: Int, isTraining: any TrainingFlag, batchNormDecay: Double = 0.997, batchNormEpsilon: Double = 1e-5,
    dataFormat: DataFormat = .nhwc, classCount: Int = 11, filters: [Int] = [16, 16, 32, 64],
    strides: [Int] = [1, 2, 2]
  ) {
    unitsPerStage = (layerCount - 2) / 6
    self.classCount = classCount
    self.filters = filters
    self.strides = strides
    super.init(
      isTraining: isTraining, dataFormat: dataFormat, batchNormDecay: batchNormDecay,
      batchNormEpsilon: batchNormEpsilon)
  }

  /// Returns logits `[N, classCount]` of images `[N, 32, 32, 3]` with values from 0 to 255.
  open override func forwardPass(_ x: Tensor) -> Tensor { forwardPass(x, inputFormat: .nhwc) }

  /// Returns logits `[N, classCount]` of images in `inputFormat`, with values from 0 to 255.
  open func forwardPass(_ x: Tensor, inputFormat: DataFormat) -> Tensor {
    var y = stem(normalized(reordered(x, from: inputFormat)))
    for (stage, stride) in strides.enumerated() where filters.indices.contains(stage + 1) {
      y = nameScope("stage") {
        (0..<unitsPerStage).reduce(y) { y, index in
          unit(
            y, inFilters: index == 0 ? filters[stage] : filters[stage + 1], outFilters: filters[stage + 1],
            stride: index == 0 ? stride : 1)
        }
      }
    }
    return fullyConnected(globalAveragePool(y), units: classCount)
  }

  /// Returns the images in the order of axes that the network works in.
  private func reordered(_ x: Tensor, from inputFormat: DataFormat) -> Tensor {
    guard inputFormat != dataFormat, !x.isPoisoned else { return x }
    return dataFormat == .nchw ? transpose(x, order: [0, 3, 1, 2]) : transpose(x, order: [0, 2, 3, 1])
  }

  /// Returns the images with values from −1 to 1.
  open func normalized(_ x: Tensor) -> Tensor { x / 128 - 1 }

  /// Returns what comes before the stages: convolution, normalisation, relu.
  open func stem(_ x: Tensor) -> Tensor {
    relu(batchNorm(conv(x, kernelSize: 3, filters: filters.first ?? 16, strides: 1)))
  }

  /// Returns one residual unit.
  open func unit(_ x: Tensor, inFilters: Int, outFilters: Int, stride: Int) -> Tensor {
    residualV1(x, kernelSize: 3, inFilters: inFilters, outFilters: outFilters, stride: stride)
  }
}

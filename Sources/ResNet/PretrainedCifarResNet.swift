import EspalierGraph
import EspalierLayers

/// The residual network of 6n + 2 layers for CIFAR-10 as He et al. describe it, with names for every part.
///
/// Convolutions `conv1`, `stage1/block0/conv1`… pad by 1 on each side; shortcuts take every second row and column and
/// pad with channels of zeros (option A). Its variables have the names of the published checkpoints of this
/// architecture, under a scope of the user's: `resnet/stage1/block0/bn1/gamma`.
///
/// Source: He et al. 2015, section 4.2; `akamaster/pytorch_resnet_cifar10`.
public struct PretrainedCifarResNet {
  /// The number of units in each stage, n.
  public let blocksPerStage: Int
  /// The number of classes.
  public let classCount: Int
  /// Whether batch normalisation uses the statistics of the batch.
  public let isTraining: any TrainingFlag

  /// The mean and the standard deviation of red, green and blue that images are brought to, for values from 0 to 1.
  public static let channelMeans = [0.485, 0.456, 0.406]
  public static let channelDeviations = [0.229, 0.224, 0.225]

  /// Returns a network of 6 · `blocksPerStage` + 2 layers.
  public init(blocksPerStage: Int, classCount: Int = 10, isTraining: any TrainingFlag = false) {
    self.blocksPerStage = blocksPerStage
    self.classCount = classCount
    self.isTraining = isTraining
  }

  /// Returns images `[N, 32, 32, 3]` with values from 0 to 255 as the network wants them.
  public func preprocess(_ images: Tensor) -> Tensor {
    let means = Self.channelMeans.tensor(of: .float32, name: "means")
    let deviations = Self.channelDeviations.tensor(of: .float32, name: "deviations")
    return (cast(images, to: .float32) / 255 - means) / deviations
  }

  /// Returns logits `[N, classCount]` of preprocessed images `[N, 32, 32, 3]`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var y = relu(norm(conv(x, 16, stride: 1, "conv1"), "bn1"))
    for (stage, channels) in [16, 32, 64].enumerated() {
      for block in 0..<blocksPerStage {
        let stride = stage > 0 && block == 0 ? 2 : 1
        y = variableScope("stage\(stage + 1)/block\(block)") { unit(y, channels, stride: stride) }
      }
    }
    return Layers.dense(reduceMean(y, axes: [1, 2]), units: classCount, name: "dense")
  }

  private func unit(_ x: Tensor, _ channels: Int, stride: Int) -> Tensor {
    var y = relu(norm(conv(x, channels, stride: stride, "conv1"), "bn1"))
    y = norm(conv(y, channels, stride: 1, "conv2"), "bn2")
    return relu(y + (stride == 1 ? x : shortcut(x, channels)))
  }

  private func shortcut(_ x: Tensor, _ channels: Int) -> Tensor {
    let half = x[.all, .every(2), .every(2)]
    let missing = channels / 4
    return pad(half, paddings: [(0, 0), (0, 0), (0, 0), (missing, missing)])
  }

  private func conv(_ x: Tensor, _ filters: Int, stride: Int, _ name: String) -> Tensor {
    Layers.conv2D(
      x, filters: filters, kernelSize: 3, strides: stride, padding: .explicit(top: 1, bottom: 1, left: 1, right: 1),
      useBias: false, kernelInitializer: Initializers.heNormal(), name: name)
  }

  private func norm(_ x: Tensor, _ name: String) -> Tensor {
    Layers.batchNormalization(x, momentum: 0.9, epsilon: 1e-5, training: isTraining, name: name)
  }
}

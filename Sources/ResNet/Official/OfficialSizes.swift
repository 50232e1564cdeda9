import EspalierGraph
import EspalierLayers

/// The official ResNet of 6n + 2 layers for the 32 × 32 images of CIFAR-10.
///
/// Source: `Cifar10Model` of `official/resnet/cifar10_main.py`.
open class Cifar10Model: OfficialResNetModel {
  /// Returns a model.
  ///
  /// - Throws: `ResNetError` unless `resnetSize` is 6n + 2.
  public init(
    resnetSize: Int, classCount: Int = 10, resnetVersion: Int = OfficialResNetModel.defaultVersion,
    dataFormat: DataFormat? = nil, dataType: DataType = .float32
  ) throws(ResNetError) {
    guard resnetSize % 6 == 2, resnetSize > 2 else { throw ResNetError("resnet_size must be 6n + 2: \(resnetSize)") }
    try super.init(
      resnetSize: resnetSize, bottleneck: false, classCount: classCount, filterCount: 16, kernelSize: 3, convStride: 1,
      firstPool: nil, blockSizes: [Int](repeating: (resnetSize - 2) / 6, count: 3), blockStrides: [1, 2, 2],
      resnetVersion: resnetVersion, dataFormat: dataFormat, dataType: dataType)
  }
}

/// The official ResNet of 18, 34, 50, 101, 152 or 200 layers for the 224 × 224 images of ImageNet.
///
/// Source: `ImagenetModel` of `official/resnet/imagenet_main.py`.
open class ImagenetModel: OfficialResNetModel {
  /// The sizes there are, and the blocks in each stage of them.
  public static let blockSizes = [
    18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3], 200: [3, 24, 36, 3],
  ]

  /// Returns a model; from 50 layers on its blocks are bottlenecks.
  ///
  /// - Parameter classCount: The classes of ImageNet, and one for what is none of them.
  /// - Throws: `ResNetError` if there is no such size.
  public init(
    resnetSize: Int, classCount: Int = 1001, resnetVersion: Int = OfficialResNetModel.defaultVersion,
    dataFormat: DataFormat? = nil, dataType: DataType = .float32
  ) throws(ResNetError) {
    guard let blocks = Self.blockSizes[resnetSize] else {
      throw ResNetError(
        "Could not find layers for selected Resnet size.\nSize received: \(resnetSize); "
          + "sizes allowed: \(Self.blockSizes.keys.sorted()).")
    }
    try super.init(
      resnetSize: resnetSize, bottleneck: resnetSize >= 50, classCount: classCount, filterCount: 64, kernelSize: 7,
      convStride: 2, firstPool: (size: 3, stride: 2), blockSizes: blocks, blockStrides: [1, 2, 2, 2],
      resnetVersion: resnetVersion, dataFormat: dataFormat, dataType: dataType)
  }
}

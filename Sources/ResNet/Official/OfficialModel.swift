import EspalierGraph
import EspalierLayers

/// The residual networks of TensorFlow's official models, versions 1 and 2.
///
///     let model = try ImagenetModel(resnetSize: 50)
///     let logits = model(images, training: mode == .train)
///
/// A network of your own is a subclass, or a model with other block sizes. Variables are named
/// `resnet_model/conv2d/kernel`…, `resnet_model/dense/bias`; the results of the parts can be fetched by name:
/// `resnet_model/initial_conv`, `initial_max_pool`, `block_layer1`…, `final_reduce_mean`, `final_dense`.
///
/// Source: `Model` of `official/resnet/resnet_model.py`.
open class OfficialResNetModel {
  /// The number of layers, as papers count them.
  public let resnetSize: Int
  /// Whether blocks have three convolutions around a narrow middle.
  public let bottleneck: Bool
  /// The number of classes.
  public let classCount: Int
  /// The channels of the first convolution, and of the first stage's blocks; each stage has twice as many.
  public let filterCount: Int
  /// The extent and the strides of the first convolution.
  public let kernelSize: Int
  public let convStride: Int
  /// The extent and the strides of the max pooling after it; nil leaves it out.
  public let firstPool: (size: Int, stride: Int)?
  /// The number of blocks of each stage.
  public let blockSizes: [Int]
  /// The strides of each stage's first block.
  public let blockStrides: [Int]
  /// 1 normalises after convolutions, 2 before them.
  public let resnetVersion: Int
  /// The order of the axes inside the network.
  public let dataFormat: DataFormat
  /// What activations are stored in: `float32` or `float16`.
  public let dataType: DataType

  /// The version that models have which name none.
  public static let defaultVersion = 2

  /// Returns a model.
  ///
  /// - Throws: `ResNetError` if there is no such version, or activations cannot be stored in this type.
  public init(
    resnetSize: Int, bottleneck: Bool, classCount: Int, filterCount: Int, kernelSize: Int, convStride: Int,
    firstPool: (size: Int, stride: Int)?, blockSizes: [Int], blockStrides: [Int],
    resnetVersion: Int = OfficialResNetModel.defaultVersion, dataFormat: DataFormat? = nil,
    dataType: DataType = .float32
  ) throws(ResNetError) {
    guard resnetVersion == 1 || resnetVersion == 2 else {
      throw ResNetError("Resnet version should be 1 or 2. See README for citations.")
    }
    guard dataType == .float32 || dataType == .float16 else {
      throw ResNetError("dtype must be one of: \([DataType.float32, .float16].map(\.name))")
    }
    guard blockSizes.count == blockStrides.count else {
      throw ResNetError("there are \(blockSizes.count) block sizes and \(blockStrides.count) block strides")
    }
    self.resnetSize = resnetSize
    self.bottleneck = bottleneck
    self.classCount = classCount
    self.filterCount = filterCount
    self.kernelSize = kernelSize
    self.convStride = convStride
    self.firstPool = firstPool
    self.blockSizes = blockSizes
    self.blockStrides = blockStrides
    self.resnetVersion = resnetVersion
    self.dataFormat = dataFormat ?? .nhwc
    self.dataType = dataType
  }

  /// The residual block of this version.
  open var block: OfficialResNet.Block {
    switch (bottleneck, resnetVersion) {
    case (false, 1): OfficialResNet.buildingBlockV1
    case (false, _): OfficialResNet.buildingBlockV2
    case (true, 1): OfficialResNet.bottleneckBlockV1
    case (true, _): OfficialResNet.bottleneckBlockV2
    }
  }

  /// Returns logits `[N, classCount]` of images `[N, H, W, 3]`, in the element type of the model.
  open func callAsFunction(_ images: Tensor, training: any TrainingFlag) -> Tensor {
    let getter: CustomGetter? = dataType == .float16 ? { Self.storedInHalfPrecision($0, $1) } : nil
    return variableScope("resnet_model", customGetter: getter) { () -> Tensor in
      var y = dataFormat == .nchw ? transpose(images, order: [0, 3, 1, 2]) : images
      y = firstLayers(y, training)
      for (stage, blocks) in blockSizes.enumerated() {
        y = OfficialResNet.blockLayer(
          y, filters: filterCount << stage, bottleneck: bottleneck, block: block, blocks: blocks,
          strides: blockStrides[stage], training: training, name: "block_layer\(stage + 1)", dataFormat: dataFormat)
      }
      if resnetVersion == 2 { y = normalized(y, training) }
      return finalDense(OfficialResNet.meanOfPixels(y, dataFormat: dataFormat))
    }
  }

  private func firstLayers(_ x: Tensor, _ training: any TrainingFlag) -> Tensor {
    var y = OfficialResNet.conv2DFixedPadding(
      x, filters: filterCount, kernelSize: kernelSize, strides: convStride, dataFormat: dataFormat)
    y = identity(y, name: "initial_conv")
    // Version 2 begins each block with a normalisation.
    if resnetVersion == 1 { y = normalized(y, training) }
    guard let firstPool else { return y }
    y = OfficialResNet.maxPool(y, size: firstPool.size, strides: firstPool.stride, dataFormat: dataFormat)
    return identity(y, name: "initial_max_pool")
  }

  private func normalized(_ x: Tensor, _ training: any TrainingFlag) -> Tensor {
    relu(OfficialResNet.batchNorm(x, training: training, dataFormat: dataFormat))
  }

  private func finalDense(_ x: Tensor) -> Tensor {
    identity(OfficialResNet.inSinglePrecision(x) { Layers.dense($0, units: classCount) }, name: "final_dense")
  }

  /// Keeps weights in single precision and lets the model read them rounded to half precision: `kernel_cast`.
  private static func storedInHalfPrecision(
    _ getter: (VariableRequest) -> VariableValue, _ request: VariableRequest
  ) -> VariableValue {
    var value = getter(request)
    let name = request.name.split(separator: "/").last.map(String.init) ?? request.name
    guard name == "kernel" || name == "bias", !value.tensor.isPoisoned else { return value }
    value.tensor = cast(cast(value.tensor, to: .float16, name: name + "_cast"), to: .float32)
    return value
  }
}

/// What is wrong with the description of a network, or with the options of its training.
public struct ResNetError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String

  /// Returns an error with this text.
  public init(_ description: String) {
    self.description = description
  }
}

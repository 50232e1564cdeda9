import EspalierGraph
import EspalierLayers

extension Slim {
  /// The results of the parts of a network by name: `resnet_v1_50/block4`.
  public typealias EndPoints = [String: Tensor]

  /// A stage of units: `units` bottlenecks of 4 · `baseDepth` channels, the last of which has the stride.
  public struct Block: Hashable, Sendable {
    public var name: String
    public var baseDepth: Int
    public var units: Int
    public var stride: Int

    /// Returns a stage.
    public init(_ name: String, baseDepth: Int, units: Int, stride: Int) {
      self.name = name
      self.baseDepth = baseDepth
      self.units = units
      self.stride = stride
    }
  }

  /// Returns the scope that residual networks are built in.
  ///
  /// Source: `resnet_arg_scope` of `research/slim/nets/resnet_utils.py`.
  public static func resnetArgScope(
    isTraining: Bool, weightDecay: Double = 1e-4, batchNormDecay: Double = 0.997, batchNormEpsilon: Double = 1e-5
  ) -> ArgScope {
    ArgScope().adding([.conv2D]) {
      $0.weightsRegularizer = Regularizers.l2(weightDecay)
      $0.weightsInitializer = Initializers.slimVarianceScaling()
      $0.normalizes = true
    }.adding([.batchNorm]) {
      $0.decay = batchNormDecay
      $0.epsilon = batchNormEpsilon
      $0.scale = true
      $0.isTraining = isTraining
    }.adding([.maxPool2D]) { $0.padding = .same }
  }

  /// Returns ResNet-50 of version 1 on images, and the results of its parts.
  ///
  /// - Parameters:
  ///   - classCount: nil leaves out the last layer, so that the result is `[N, 1, 1, 2048]`.
  ///   - globalPool: Whether the mean over rows and columns is taken.
  ///   - outputStride: How much smaller the result may be than the images: strides beyond that become dilations.
  ///
  /// Source: `resnet_v1_50` of `research/slim/nets/resnet_v1.py`.
  public static func resnetV150(
    _ images: Tensor, classCount: Int? = nil, globalPool: Bool = true, outputStride: Int? = nil,
    spatialSqueeze: Bool = true, reuse: VariableReuse? = nil, scope: String = "resnet_v1_50"
  ) -> (net: Tensor, endPoints: EndPoints) {
    resnetV1(
      images, blocks: resnetV1Blocks([3, 4, 6, 3]), classCount: classCount, globalPool: globalPool,
      outputStride: outputStride, spatialSqueeze: spatialSqueeze, reuse: reuse, scope: scope)
  }

  /// Returns ResNet-101 of version 1 on images, and the results of its parts; as `resnetV150`.
  public static func resnetV1101(
    _ images: Tensor, classCount: Int? = nil, globalPool: Bool = true, outputStride: Int? = nil,
    spatialSqueeze: Bool = true, reuse: VariableReuse? = nil, scope: String = "resnet_v1_101"
  ) -> (net: Tensor, endPoints: EndPoints) {
    resnetV1(
      images, blocks: resnetV1Blocks([3, 4, 23, 3]), classCount: classCount, globalPool: globalPool,
      outputStride: outputStride, spatialSqueeze: spatialSqueeze, reuse: reuse, scope: scope)
  }

  /// Returns the four stages of a network: each has twice the channels of the one before.
  public static func resnetV1Blocks(_ units: [Int], baseDepth: Int = 64) -> [Block] {
    units.enumerated().map { stage, units in
      Block(
        "block\(stage + 1)", baseDepth: baseDepth << stage, units: units,
        stride: stage == 3 ? 1 : 2)
    }
  }

  /// Returns a residual network of version 1 of any stages, and the results of its parts.
  ///
  /// Source: `resnet_v1` of `research/slim/nets/resnet_v1.py`.
  public static func resnetV1(
    _ images: Tensor, blocks: [Block], classCount: Int? = nil, globalPool: Bool = true, outputStride: Int? = nil,
    includeRootBlock: Bool = true, spatialSqueeze: Bool = true, reuse: VariableReuse? = nil, scope: String
  ) -> (net: Tensor, endPoints: EndPoints) {
    var network = ResNetV1(scope: scope)
    let net = variableScope(scope, reuse: reuse) {
      var y = images
      var remaining = outputStride
      if includeRootBlock {
        if let outputStride, outputStride % 4 != 0 { return network.failed(y, "needs to be a multiple of 4") }
        remaining = outputStride.map { $0 / 4 }
        y = network.keep("conv1", conv2DSame(y, network.rootDepth(blocks), 7, stride: 2, scope: "conv1"))
        y = network.keep("pool1", maxPool2D(y, 3, stride: 2, scope: "pool1"))
      }
      y = network.stack(y, blocks, outputStride: remaining)
      if globalPool {
        y = network.keep("global_pool", reduceMean(y, axes: [1, 2], keepDims: true, name: "pool5"))
      }
      guard let classCount else { return y }
      y = network.keep("logits", conv2D(y, classCount, 1, activation: .some(nil), normalizes: false, scope: "logits"))
      if spatialSqueeze { y = network.keep("spatial_squeeze", squeeze(y, axes: [1, 2], name: "SpatialSqueeze")) }
      network.endPoints["predictions"] = softmax(y, name: "predictions")
      return y
    }
    return (net, network.endPoints)
  }

  /// Returns a convolution whose padding does not depend on the size of the images.
  ///
  /// Source: `conv2d_same` of `research/slim/nets/resnet_utils.py`.
  static func conv2DSame(
    _ x: Tensor, _ filters: Int, _ kernelSize: Int, stride: Int, rate: Int = 1, scope: String
  ) -> Tensor {
    if stride == 1 { return conv2D(x, filters, kernelSize, rate: rate, padding: .same, scope: scope) }
    let extent = kernelSize + (kernelSize - 1) * (rate - 1)
    let before = (extent - 1) / 2
    let after = extent - 1 - before
    let padded = pad(x, paddings: [(0, 0), (before, after), (before, after), (0, 0)])
    return conv2D(padded, filters, kernelSize, stride: stride, rate: rate, padding: .valid, scope: scope)
  }
}

/// A network that is being built.
private struct ResNetV1 {
  let scope: String
  var endPoints: Slim.EndPoints = [:]

  /// The channels of the first convolution: those of the published networks, or fewer in smaller ones.
  func rootDepth(_ blocks: [Slim.Block]) -> Int { blocks.first?.baseDepth ?? 64 }

  mutating func keep(_ name: String, _ y: Tensor) -> Tensor {
    endPoints[name == "global_pool" ? name : "\(scope)/\(name)"] = y
    return y
  }

  func failed(_ x: Tensor, _ what: String) -> Tensor {
    failedTensor("The output_stride \(what).", in: x.graph)
  }

  /// Returns all stages; strides beyond `outputStride` become dilations of what follows.
  mutating func stack(_ x: Tensor, _ blocks: [Slim.Block], outputStride: Int?) -> Tensor {
    var y = x
    var stride = 1
    var rate = 1
    for block in blocks {
      y = variableScope(block.name) {
        for index in 0..<block.units {
          if let outputStride, stride > outputStride {
            return failed(y, "cannot be attained")
          }
          let unitStride = index == block.units - 1 ? block.stride : 1
          let isDense = outputStride == stride
          let input = y
          y = variableScope("unit_\(index + 1)") {
            unit(input, block, stride: isDense ? 1 : unitStride, rate: isDense ? rate : 1, index + 1)
          }
          if isDense { rate *= unitStride } else { stride *= unitStride }
        }
        return keep(block.name, y)
      }
    }
    guard let outputStride, stride != outputStride else { return y }
    return failed(y, "cannot be attained")
  }

  private mutating func unit(_ x: Tensor, _ block: Slim.Block, stride: Int, rate: Int, _ number: Int) -> Tensor {
    let depth = 4 * block.baseDepth
    let path = "\(block.name)/unit_\(number)/bottleneck_v1"
    return variableScope("bottleneck_v1") {
      let shortcut =
        x.shape[-1] == depth
        ? (stride == 1 ? x : Slim.maxPool2D(x, 1, stride: stride, scope: "shortcut"))
        : Slim.conv2D(x, depth, 1, stride: stride, activation: .some(nil), scope: "shortcut")
      var y = keep(path + "/conv1", Slim.conv2D(x, block.baseDepth, 1, scope: "conv1"))
      y = keep(
        path + "/conv2", Slim.conv2DSame(y, block.baseDepth, 3, stride: stride, rate: rate, scope: "conv2"))
      y = keep(path + "/conv3", Slim.conv2D(y, depth, 1, activation: .some(nil), scope: "conv3"))
      return keep(path, relu(shortcut + y))
    }
  }
}

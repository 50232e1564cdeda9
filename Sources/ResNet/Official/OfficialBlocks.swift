import EspalierGraph
import EspalierLayers

extension OfficialResNet {
  /// Brings the input of a block to the shape of its output.
  public typealias Projection = (Tensor) -> Tensor

  /// A residual block: makes `filters` channels (four times as many with a bottleneck) of `x`.
  public typealias Block = (
    _ x: Tensor, _ filters: Int, _ training: any TrainingFlag, _ projection: Projection?, _ strides: Int,
    _ dataFormat: DataFormat
  ) -> Tensor

  /// Returns a block of two convolutions, each followed by its normalisation.
  ///
  /// conv(strides) – norm – relu – conv – norm, plus the input, projected and normalised where the shape changes; relu.
  ///
  /// Source: He et al. 2015, "Deep Residual Learning for Image Recognition", `_building_block_v1`.
  public static func buildingBlockV1(
    _ x: Tensor, filters: Int, training: any TrainingFlag, projection: Projection?, strides: Int,
    dataFormat: DataFormat
  ) -> Tensor {
    let parts = BlockParts(training, dataFormat)
    let shortcut = projection.map { parts.norm($0(x)) } ?? x
    var y = relu(parts.norm(parts.conv(x, filters, 3, strides)))
    y = parts.norm(parts.conv(y, filters, 3, 1))
    return relu(add(y, shortcut))
  }

  /// Returns a block of two convolutions, each after its normalisation.
  ///
  /// norm – relu – conv(strides) – norm – relu – conv, plus the input; what is projected comes after the first relu.
  ///
  /// Source: He et al. 2016, "Identity Mappings in Deep Residual Networks", `_building_block_v2`.
  public static func buildingBlockV2(
    _ x: Tensor, filters: Int, training: any TrainingFlag, projection: Projection?, strides: Int,
    dataFormat: DataFormat
  ) -> Tensor {
    let parts = BlockParts(training, dataFormat)
    let active = relu(parts.norm(x))
    let shortcut = projection.map { $0(active) } ?? x
    let y = parts.conv(active, filters, 3, strides)
    return add(parts.conv(relu(parts.norm(y)), filters, 3, 1), shortcut)
  }

  /// Returns a block of three convolutions around a narrow middle, each followed by its normalisation.
  ///
  /// 1×1 – norm – relu – 3×3(strides) – norm – relu – 1×1 to four times the channels – norm, plus the input, projected
  /// and normalised where the shape changes; relu.
  ///
  /// Source: `_bottleneck_block_v1`; the paper has the strides in the first convolution.
  public static func bottleneckBlockV1(
    _ x: Tensor, filters: Int, training: any TrainingFlag, projection: Projection?, strides: Int,
    dataFormat: DataFormat
  ) -> Tensor {
    let parts = BlockParts(training, dataFormat)
    let shortcut = projection.map { parts.norm($0(x)) } ?? x
    var y = relu(parts.norm(parts.conv(x, filters, 1, 1)))
    y = relu(parts.norm(parts.conv(y, filters, 3, strides)))
    y = parts.norm(parts.conv(y, 4 * filters, 1, 1))
    return relu(add(y, shortcut))
  }

  /// Returns a block of three convolutions around a narrow middle, each after its normalisation.
  ///
  /// norm – relu – 1×1 – norm – relu – 3×3(strides) – norm – relu – 1×1 to four times the channels, plus the input; what
  /// is projected comes after the first relu.
  ///
  /// Source: `_bottleneck_block_v2`.
  public static func bottleneckBlockV2(
    _ x: Tensor, filters: Int, training: any TrainingFlag, projection: Projection?, strides: Int,
    dataFormat: DataFormat
  ) -> Tensor {
    let parts = BlockParts(training, dataFormat)
    let active = relu(parts.norm(x))
    let shortcut = projection.map { $0(active) } ?? x
    var y = parts.conv(active, filters, 1, 1)
    y = parts.conv(relu(parts.norm(y)), filters, 3, strides)
    return add(parts.conv(relu(parts.norm(y)), 4 * filters, 1, 1), shortcut)
  }

  /// Returns a stage of the network: `blocks` blocks, of which the first has the strides and a projection.
  ///
  /// - Parameters:
  ///   - filters: The channels of a block's first convolution.
  ///   - bottleneck: Whether `block` returns four times as many channels.
  ///   - name: The name of the result.
  public static func blockLayer(
    _ x: Tensor, filters: Int, bottleneck: Bool, block: Block, blocks: Int, strides: Int,
    training: any TrainingFlag, name: String, dataFormat: DataFormat
  ) -> Tensor {
    let projection: Projection = {
      conv2DFixedPadding(
        $0, filters: bottleneck ? 4 * filters : filters, kernelSize: 1, strides: strides, dataFormat: dataFormat)
    }
    var y = block(x, filters, training, projection, strides, dataFormat)
    for _ in 1..<Swift.max(1, blocks) { y = block(y, filters, training, nil, 1, dataFormat) }
    return identity(y, name: name)
  }
}

/// The two layers of blocks, in few words.
private struct BlockParts {
  let training: any TrainingFlag
  let dataFormat: DataFormat

  init(_ training: any TrainingFlag, _ dataFormat: DataFormat) {
    self.training = training
    self.dataFormat = dataFormat
  }

  func norm(_ x: Tensor) -> Tensor { OfficialResNet.batchNorm(x, training: training, dataFormat: dataFormat) }

  func conv(_ x: Tensor, _ filters: Int, _ kernelSize: Int, _ strides: Int) -> Tensor {
    OfficialResNet.conv2DFixedPadding(
      x, filters: filters, kernelSize: kernelSize, strides: strides, dataFormat: dataFormat)
  }
}

import EspalierGraph

extension Layers {
  /// Returns images convolved with a trained kernel, of shape `[N, OH, OW, filters]`, or `[N, filters, OH, OW]`.
  ///
  /// Variables: `kernel` `[KH, KW, C, filters]`, `bias` `[filters]`.
  ///
  /// - Parameters:
  ///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]` if `dataFormat` says so; C must be known.
  ///   - filters: The number of channels of the result.
  ///   - kernelSize: The extents of the kernel, `3` or `Size2D(3, 5)`.
  ///   - dilationRate: The distances of neighbouring taps of the kernel.
  ///   - kernelInitializer: By default that of the variable scope, else Glorot uniform.
  ///   - biasInitializer: By default zeros.
  ///   - trainable: Whether optimizers train the variables.
  ///   - name: The variable scope, by default `conv2d`, made unique.
  ///
  /// Source: `tf.layers.conv2d`.
  public static func conv2D(
    _ x: Tensor, filters: Int, kernelSize: any SpatialSize, strides: any SpatialSize = 1, padding: Padding = .valid,
    dataFormat: DataFormat = .nhwc, dilationRate: any SpatialSize = 1, activation: Activation? = nil,
    useBias: Bool = true, kernelInitializer: Initializer? = nil, biasInitializer: Initializer? = nil,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil, trainable: Bool = true,
    name: String? = nil, reuse: VariableReuse? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("conv2d", name, reuse, on: x, file, line) {
      if let message = mismatch(of: x, rank: 4, layer: layerName) { return failedTensor(message) }
      guard let channels = x.shape[dataFormat.axisOfChannels] else {
        return failedTensor("The channel dimension of the inputs should be defined. Found `None`.")
      }
      let size = kernelSize.size2D
      let kernel = getVariable(
        "kernel", shape: [size.height, size.width, channels, filters], dataType: x.dataType,
        initializer: kernelInitializer, regularizer: kernelRegularizer, trainable: trainable)
      let y = EspalierGraph.conv2D(
        x, filter: kernel.tensor, strides: strides.size2D.tuple, padding: padding, dataFormat: dataFormat,
        dilations: dilationRate.size2D.tuple)
      let biased =
        useBias
        ? addingBias(y, filters, biasInitializer, biasRegularizer, trainable, dataFormat)
        : y
      return activation?(biased) ?? biased
    }
  }

  static func addingBias(
    _ y: Tensor, _ count: Int, _ initializer: Initializer?, _ regularizer: Regularizer?, _ trainable: Bool,
    _ dataFormat: DataFormat
  ) -> Tensor {
    let bias = getVariable(
      "bias", shape: [count], dataType: y.dataType, initializer: initializer ?? Initializers.zeros,
      regularizer: regularizer, trainable: trainable)
    return biasAdd(y, bias.tensor, dataFormat: dataFormat)
  }
}

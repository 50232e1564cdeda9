import EspalierGraph
import EspalierLayers

extension ResNet {
  /// Returns a residual unit of two convolutions, each followed by its normalisation; the shortcut has no variables.
  ///
  /// conv(stride) – norm – relu – conv – norm, plus the input (pooled and padded with channels of zeros where the
  /// number of channels changes), relu.
  ///
  /// Source: He et al. 2015, "Deep Residual Learning for Image Recognition", option A.
  public func residualV1(
    _ x: Tensor, kernelSize: Int, inFilters: Int, outFilters: Int, stride: Int
  ) -> Tensor {
    nameScope("residual_v1") {
      var y = relu(batchNorm(conv(x, kernelSize: kernelSize, filters: outFilters, strides: stride)))
      y = batchNorm(conv(y, kernelSize: kernelSize, filters: outFilters, strides: 1))
      let skip =
        inFilters == outFilters
        ? x : shortcut(x, inFilters: inFilters, outFilters: outFilters, stride: stride)
      let result = relu(add(y, skip))
      report(result, after: currentNameScope)
      return result
    }
  }

  /// Returns a residual unit of two convolutions, each after its normalisation; the shortcut has no variables.
  ///
  /// norm – relu – conv(stride) – norm – relu – conv, plus the input.
  ///
  /// - Parameter activateBeforeResidual: Whether the shortcut begins after the first normalisation and relu.
  ///
  /// Source: He et al. 2016, "Identity Mappings in Deep Residual Networks".
  public func residualV2(
    _ x: Tensor, inFilters: Int, outFilters: Int, stride: Int, activateBeforeResidual: Bool = false
  ) -> Tensor {
    nameScope("residual_v2") {
      let active = relu(batchNorm(x))
      let origin = activateBeforeResidual ? active : x
      var y = conv(active, kernelSize: 3, filters: outFilters, strides: stride)
      y = conv(relu(batchNorm(y)), kernelSize: 3, filters: outFilters, strides: 1)
      let skip =
        inFilters == outFilters
        ? origin : shortcut(origin, inFilters: inFilters, outFilters: outFilters, stride: stride)
      let result = add(y, skip)
      report(result, after: currentNameScope)
      return result
    }
  }

  /// Returns a residual unit of three convolutions around a narrow middle; a convolution is the shortcut where the
  /// number of channels changes.
  ///
  /// norm – relu – 1×1 conv(stride) to a quarter of the channels – norm – relu – 3×3 conv – norm – relu – 1×1 conv,
  /// plus the input.
  ///
  /// - Parameter activateBeforeResidual: Whether the shortcut begins after the first normalisation and relu.
  ///
  /// Source: He et al. 2016, "Identity Mappings in Deep Residual Networks".
  public func bottleneckResidualV2(
    _ x: Tensor, inFilters: Int, outFilters: Int, stride: Int, activateBeforeResidual: Bool = false
  ) -> Tensor {
    nameScope("bottle_residual_v2") {
      let active = relu(batchNorm(x))
      let origin = activateBeforeResidual ? active : x
      let narrow = outFilters / 4
      var y = conv(active, kernelSize: 1, filters: narrow, strides: stride, isAtrous: true)
      y = conv(relu(batchNorm(y)), kernelSize: 3, filters: narrow, strides: 1, isAtrous: true)
      y = conv(relu(batchNorm(y)), kernelSize: 1, filters: outFilters, strides: 1, isAtrous: true)
      let skip =
        inFilters == outFilters
        ? origin : conv(origin, kernelSize: 1, filters: outFilters, strides: stride, isAtrous: true)
      let result = add(y, skip)
      report(result, after: currentNameScope)
      return result
    }
  }
}

import EspalierGraph

extension Layers {
  /// Returns the greatest element of each window, of shape `[N, OH, OW, C]`, or `[N, C, OH, OW]`.
  ///
  /// - Parameters:
  ///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]` if `dataFormat` says so.
  ///   - poolSize: The extents of the window, `3` or `Size2D(3, 5)`.
  ///
  /// Source: `tf.layers.max_pooling2d`.
  public static func maxPooling2D(
    _ x: Tensor, poolSize: any SpatialSize, strides: any SpatialSize, padding: Padding = .valid,
    dataFormat: DataFormat = .nhwc, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("max_pooling2d", name, nil, on: x, file, line) {
      if let message = mismatch(of: x, rank: 4, layer: layerName) { return failedTensor(message) }
      return maxPool2D(
        x, size: poolSize.size2D.tuple, strides: strides.size2D.tuple, padding: padding, dataFormat: dataFormat)
    }
  }

  /// Returns the mean of each window, of shape `[N, OH, OW, C]`, or `[N, C, OH, OW]`; padding does not count.
  ///
  /// - Parameters:
  ///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]` if `dataFormat` says so.
  ///   - poolSize: The extents of the window, `3` or `Size2D(3, 5)`.
  ///
  /// Source: `tf.layers.average_pooling2d`.
  public static func averagePooling2D(
    _ x: Tensor, poolSize: any SpatialSize, strides: any SpatialSize, padding: Padding = .valid,
    dataFormat: DataFormat = .nhwc, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("average_pooling2d", name, nil, on: x, file, line) {
      if let message = mismatch(of: x, rank: 4, layer: layerName) { return failedTensor(message) }
      return averagePool2D(
        x, size: poolSize.size2D.tuple, strides: strides.size2D.tuple, padding: padding, dataFormat: dataFormat)
    }
  }
}

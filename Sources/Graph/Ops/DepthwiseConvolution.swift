/// Returns images of which each channel is convolved with M filters of its own; the filter is `[KH, KW, C, M]`.
public struct DepthwiseConv2D: Operation {
  public static let tfName = "DepthwiseConv2dNative"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    let x = inputs[0]
    try expectConvolution(images: x, filter: inputs[1])
    return [TensorType(x.dataType, try window.depthwiseShape(x.shape, filter: inputs[1].shape, self))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    let w = node.inputs[1]
    return [
      apply(DepthwiseConv2DBackpropInput(window), shape(x), w, dy),
      apply(DepthwiseConv2DBackpropFilter(window), x, shape(w), dy),
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(DepthwiseConv2D(window.channelsLast), toNHWC(inputs[0]), inputs[1]))]
  }
}

extension ConvolutionWindow {
  /// Returns the shape that a depthwise convolution gives images.
  fileprivate func depthwiseShape(
    _ images: Shape, filter: Shape, _ operation: some Operation
  ) throws(GraphError) -> Shape {
    let channels = dataFormat.extents(of: images).c
    try operation.expectEqual(channels, filter[2])
    var product: Int?
    if let c = channels ?? filter[2], let multiplier = filter[3] { product = c * multiplier }
    return try outputShape(images, height: filter[0], width: filter[1], channels: product)
  }
}

/// Returns the gradient of `DepthwiseConv2D` with respect to the images.
///
/// Inputs: the shape of the images, the filter, and the gradient with respect to the result.
public struct DepthwiseConv2DBackpropInput: Operation {
  public static let tfName = "DepthwiseConv2dNativeBackpropInput"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectConvolution(images: inputs[2], filter: inputs[1])
    let images = try sizes(inputs[0])
    let expected = try window.depthwiseShape(images, filter: inputs[1].shape, self)
    guard expected.isCompatible(with: inputs[2].shape) else {
      throw GraphError("out_backprop has shape \(inputs[2].shape), but a convolution of \(images) gives \(expected)")
    }
    return [TensorType(inputs[2].dataType, images)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dx = upstream[0] else { return [nil, nil, nil] }
    let w = node.inputs[1]
    let dy = node.inputs[2]
    return [
      nil, apply(DepthwiseConv2DBackpropFilter(window), dx, shape(w), dy), apply(DepthwiseConv2D(window), dx, w),
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw, let sizes = inputs[0].type.knownValue, sizes.count == 4 else { return nil }
    let images = shapeConstant([sizes[0], sizes[2], sizes[3], sizes[1]])
    let operation = DepthwiseConv2DBackpropInput(window.channelsLast)
    return [toNCHW(apply(operation, images, inputs[1], toNHWC(inputs[2])))]
  }
}

/// Returns the gradient of `DepthwiseConv2D` with respect to the filter.
///
/// Inputs: the images, the shape of the filter, and the gradient with respect to the result.
public struct DepthwiseConv2DBackpropFilter: Operation {
  public static let tfName = "DepthwiseConv2dNativeBackpropFilter"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    let x = inputs[0]
    let filter = try sizes(inputs[1])
    try expectConvolution(images: x, filter: TensorType(x.dataType, filter))
    try expectSameDataType(x, inputs[2])
    let expected = try window.depthwiseShape(x.shape, filter: filter, self)
    guard expected.isCompatible(with: inputs[2].shape) else {
      throw GraphError("out_backprop has shape \(inputs[2].shape), but a convolution of \(x.shape) gives \(expected)")
    }
    return [TensorType(x.dataType, filter)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dw = upstream[0] else { return [nil, nil, nil] }
    let x = node.inputs[0]
    let dy = node.inputs[2]
    return [
      apply(DepthwiseConv2DBackpropInput(window), shape(x), dw, dy), nil, apply(DepthwiseConv2D(window), x, dw),
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    let operation = DepthwiseConv2DBackpropFilter(window.channelsLast)
    return [apply(operation, toNHWC(inputs[0]), inputs[1], toNHWC(inputs[2]))]
  }
}

/// Returns images of which each channel is convolved with M filters of its own, of shape `[N, OH, OW, C · M]`.
///
/// - Parameters:
///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]`.
///   - filter: `[KH, KW, C, M]` in both formats.
///
/// Source: `tf.nn.depthwise_conv2d`.
public func depthwiseConv2D(
  _ x: Tensor, filter: Tensor, strides: (Int, Int) = (1, 1), padding: Padding = .same,
  dataFormat: DataFormat = .nhwc, dilations: (Int, Int) = (1, 1), name: String = "depthwise",
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let window = ConvolutionWindow(
    strides: Size2D(strides.0, strides.1), padding: padding, dataFormat: dataFormat,
    dilations: Size2D(dilations.0, dilations.1))
  return apply(DepthwiseConv2D(window), x, filter, name: name, file: file, line: line)
}

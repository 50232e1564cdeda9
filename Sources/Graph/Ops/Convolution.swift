/// Returns images convolved with a filter `[KH, KW, C, K]`.
public struct Conv2D: Operation {
  public static let tfName = "Conv2D"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var fusion: FusionClass { .anchor }
  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    let x = inputs[0]
    let filter = inputs[1].shape
    try expectConvolution(images: x, filter: inputs[1])
    try expectEqual(window.dataFormat.extents(of: x.shape).c, filter[2])
    let shape = try window.outputShape(x.shape, height: filter[0], width: filter[1], channels: filter[3])
    return [TensorType(x.dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    let w = node.inputs[1]
    return [
      apply(Conv2DBackpropInput(window), shape(x), w, dy), apply(Conv2DBackpropFilter(window), x, shape(w), dy),
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(Conv2D(window.channelsLast), toNHWC(inputs[0]), inputs[1]))]
  }
}

/// Returns the gradient of `Conv2D` with respect to the images.
///
/// Inputs: the shape of the images, the filter, and the gradient with respect to the result.
public struct Conv2DBackpropInput: Operation {
  public static let tfName = "Conv2DBackpropInput"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var fusion: FusionClass { .anchor }
  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    let filter = inputs[1].shape
    let dy = inputs[2]
    try expectConvolution(images: dy, filter: inputs[1])
    try expectEqual(window.dataFormat.extents(of: dy.shape).c, filter[3])
    let images = try sizes(inputs[0])
    try expectEqual(window.dataFormat.extents(of: images).c, filter[2])
    let expected = try window.outputShape(images, height: filter[0], width: filter[1], channels: filter[3])
    guard expected.isCompatible(with: dy.shape) else {
      throw GraphError("out_backprop has shape \(dy.shape), but a convolution of \(images) gives \(expected)")
    }
    return [TensorType(dy.dataType, images)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dx = upstream[0] else { return [nil, nil, nil] }
    let w = node.inputs[1]
    let dy = node.inputs[2]
    return [
      nil, apply(Conv2DBackpropFilter(window), dx, shape(w), dy), apply(Conv2D(window), dx, w),
    ]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw, let sizes = inputs[0].type.knownValue, sizes.count == 4 else { return nil }
    let images = shapeConstant([sizes[0], sizes[2], sizes[3], sizes[1]])
    return [toNCHW(apply(Conv2DBackpropInput(window.channelsLast), images, inputs[1], toNHWC(inputs[2])))]
  }
}

/// Returns the gradient of `Conv2D` with respect to the filter.
///
/// Inputs: the images, the shape of the filter, and the gradient with respect to the result.
public struct Conv2DBackpropFilter: Operation {
  public static let tfName = "Conv2DBackpropFilter"
  /// How the filter moves.
  public let window: ConvolutionWindow

  public init(_ window: ConvolutionWindow) {
    self.window = window
  }

  public var fusion: FusionClass { .anchor }
  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    let x = inputs[0]
    let filter = try sizes(inputs[1])
    try expectConvolution(images: x, filter: TensorType(x.dataType, filter))
    try expectSameDataType(x, inputs[2])
    let expected = try window.outputShape(x.shape, height: filter[0], width: filter[1], channels: filter[3])
    guard expected.isCompatible(with: inputs[2].shape) else {
      throw GraphError("out_backprop has shape \(inputs[2].shape), but a convolution of \(x.shape) gives \(expected)")
    }
    return [TensorType(x.dataType, filter)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dw = upstream[0] else { return [nil, nil, nil] }
    let x = node.inputs[0]
    let dy = node.inputs[2]
    return [apply(Conv2DBackpropInput(window), shape(x), dw, dy), nil, apply(Conv2D(window), x, dw)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [apply(Conv2DBackpropFilter(window.channelsLast), toNHWC(inputs[0]), inputs[1], toNHWC(inputs[2]))]
  }
}

extension Operation {
  /// Throws unless the types are those of images and a filter.
  package func expectConvolution(images: TensorType, filter: TensorType) throws(GraphError) {
    try expect(images, isOneOf: DataType.computedFloats, "input")
    try expectSameDataType(images, filter)
    try expectRank(4, images)
    try expectRank(4, filter)
  }
}

/// Returns `x` from NCHW in NHWC order.
package func toNHWC(_ x: Tensor) -> Tensor { transpose(x, order: [0, 2, 3, 1]) }

/// Returns `x` from NHWC in NCHW order.
package func toNCHW(_ x: Tensor) -> Tensor { transpose(x, order: [0, 3, 1, 2]) }

/// Returns a constant integer vector of these extents.
package func shapeConstant(_ extents: [Int]) -> Tensor {
  constant(extents.map(Int32.init(truncatingIfNeeded:)), name: "shape")
}

/// Returns images `x` convolved with `filter`, of shape `[N, OH, OW, K]`, or `[N, K, OH, OW]` for NCHW.
///
/// - Parameters:
///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]`.
///   - filter: `[KH, KW, C, K]` in both formats.
///   - strides: The distances of neighbouring windows along rows and columns.
///   - dilations: The distances of neighbouring taps.
///
/// Source: `tf.nn.conv2d`.
public func conv2D(
  _ x: Tensor, filter: Tensor, strides: (Int, Int) = (1, 1), padding: Padding = .same,
  dataFormat: DataFormat = .nhwc, dilations: (Int, Int) = (1, 1), name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  let window = ConvolutionWindow(
    strides: Size2D(strides.0, strides.1), padding: padding, dataFormat: dataFormat,
    dilations: Size2D(dilations.0, dilations.1))
  return apply(Conv2D(window), x, filter, name: name, file: file, line: line)
}

/// Returns the transpose of a convolution, which undoes its change of shape, of shape `outputShape`.
///
/// - Parameters:
///   - x: `[N, H, W, K]`, what a convolution would have returned.
///   - filter: `[KH, KW, C, K]`: the number of channels of the result comes first.
///   - outputShape: `[N, H, W, C]`; needed because strides lose information.
///
/// Source: `tf.nn.conv2d_transpose`.
public func conv2DTranspose(
  _ x: Tensor, filter: Tensor, outputShape: [Int], strides: (Int, Int) = (1, 1), padding: Padding = .same,
  dataFormat: DataFormat = .nhwc, name: String = "conv2d_transpose", file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    if x.isPoisoned { return x }
    let sizes = constant(outputShape.map(Int32.init(truncatingIfNeeded:)), name: name + "/input_sizes")
    return conv2DTranspose(
      x, filter: filter, outputShape: sizes, strides: strides, padding: padding, dataFormat: dataFormat, name: name)
  }
}

/// Returns the transpose of a convolution, of the shape that an integer vector names.
public func conv2DTranspose(
  _ x: Tensor, filter: Tensor, outputShape: Tensor, strides: (Int, Int) = (1, 1), padding: Padding = .same,
  dataFormat: DataFormat = .nhwc, name: String = "conv2d_transpose", file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let window = ConvolutionWindow(
    strides: Size2D(strides.0, strides.1), padding: padding, dataFormat: dataFormat)
  return apply(Conv2DBackpropInput(window), outputShape, filter, x, name: name, file: file, line: line)
}

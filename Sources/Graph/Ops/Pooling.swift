/// Returns the greatest element of each window; padding never counts.
public struct MaxPool: UnaryOperation {
  public static let tfName = "MaxPool"
  /// How the window moves.
  public let window: PoolingWindow

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [try pooledType(inputs[0], window)]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(MaxPoolGrad(window), x, y, dy) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(MaxPool(window.channelsLast), toNHWC(inputs[0])))]
  }
}

/// Returns the mean of each window; padding never counts, neither in the sum nor in the divisor.
public struct AvgPool: UnaryOperation {
  public static let tfName = "AvgPool"
  /// How the window moves.
  public let window: PoolingWindow

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    return [try pooledType(inputs[0], window)]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { apply(AvgPoolGrad(window), shape(x), dy) }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(AvgPool(window.channelsLast), toNHWC(inputs[0])))]
  }
}

/// Returns the gradient of `MaxPool` with respect to its input: each goes to the first greatest element of its window.
///
/// Inputs: the images, what they were pooled to, and the gradient with respect to that.
public struct MaxPoolGrad: Operation {
  public static let tfName = "MaxPoolGrad"
  /// How the window moves.
  public let window: PoolingWindow

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    let pooled = try pooledType(inputs[0], window)
    try expectSameType(pooled, inputs[1])
    try expectSameType(pooled, inputs[2])
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }

  // The choice of elements is constant almost everywhere, so only the incoming gradient has one.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dx = upstream[0] else { return [nil, nil, nil] }
    return [nil, nil, apply(MaxPoolGradGrad(window), node.inputs[0], node.inputs[1], dx)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(MaxPoolGrad(window.channelsLast), to: inputs.map { toNHWC($0) })[0])]
  }
}

/// Returns of each window the element of the third input that stands where the greatest of the images is.
///
/// Inputs: the images, what they were pooled to, and a tensor of the images' shape.
public struct MaxPoolGradGrad: Operation {
  public static let tfName = "MaxPoolGradGrad"
  /// How the window moves.
  public let window: PoolingWindow

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    let pooled = try pooledType(inputs[0], window)
    try expectSameType(pooled, inputs[1])
    try expectSameType(inputs[0], inputs[2])
    return [pooled]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil] }
    return [nil, nil, apply(MaxPoolGrad(window), node.inputs[0], node.inputs[1], dy)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw else { return nil }
    return [toNCHW(apply(MaxPoolGradGrad(window.channelsLast), to: inputs.map { toNHWC($0) })[0])]
  }
}

/// Returns the gradient of `AvgPool` with respect to its input: each is shared out among the elements of its window.
///
/// Inputs: the shape of the images, and the gradient with respect to what they were pooled to.
public struct AvgPoolGrad: Operation {
  public static let tfName = "AvgPoolGrad"
  /// How the window moves.
  public let window: PoolingWindow

  public init(_ window: PoolingWindow) {
    self.window = window
  }

  public var attributes: [String: AttributeValue] { window.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    let images = TensorType(inputs[1].dataType, try sizes(inputs[0]))
    try expectSameType(try pooledType(images, window), inputs[1])
    return [images]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [nil, upstream[0].map { apply(AvgPool(window), $0) }]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    guard window.dataFormat == .nchw, let sizes = inputs[0].type.knownValue, sizes.count == 4 else { return nil }
    let images = shapeConstant([sizes[0], sizes[2], sizes[3], sizes[1]])
    return [toNCHW(apply(AvgPoolGrad(window.channelsLast), images, toNHWC(inputs[1])))]
  }
}

extension Operation {
  fileprivate func pooledType(_ images: TensorType, _ window: PoolingWindow) throws(GraphError) -> TensorType {
    try expect(images, isOneOf: DataType.computedFloats, "value")
    try expectRank(4, images)
    return TensorType(images.dataType, try window.outputShape(images.shape))
  }

  /// Throws unless both have the same element type and shapes that could be equal.
  package func expectSameType(_ a: TensorType, _ b: TensorType) throws(GraphError) {
    try expectSameDataType(a, b)
    guard a.shape.isCompatible(with: b.shape) else {
      throw GraphError("Shapes \(a.shape) and \(b.shape) are not compatible")
    }
  }
}

/// Returns the greatest element of each window, of shape `[N, OH, OW, C]`, or `[N, C, OH, OW]` for NCHW.
///
/// Padding never counts. The gradient goes to the first greatest element of a window.
///
/// - Parameters:
///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]`.
///   - size: The extents of the window along rows and columns.
///
/// Source: `tf.nn.max_pool2d`.
public func maxPool2D(
  _ x: Tensor, size: (Int, Int), strides: (Int, Int), padding: Padding = .valid, dataFormat: DataFormat = .nhwc,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let window = PoolingWindow(
    size: Size2D(size.0, size.1), strides: Size2D(strides.0, strides.1), padding: padding, dataFormat: dataFormat)
  return apply(MaxPool(window), x, name: name, file: file, line: line)
}

/// Returns the mean of each window, of shape `[N, OH, OW, C]`, or `[N, C, OH, OW]` for NCHW.
///
/// Padding never counts: at a border the mean is over the elements inside the image.
///
/// - Parameters:
///   - x: Images `[N, H, W, C]`, or `[N, C, H, W]`.
///   - size: The extents of the window along rows and columns.
///
/// Source: `tf.nn.avg_pool2d`.
public func averagePool2D(
  _ x: Tensor, size: (Int, Int), strides: (Int, Int), padding: Padding = .valid, dataFormat: DataFormat = .nhwc,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let window = PoolingWindow(
    size: Size2D(size.0, size.1), strides: Size2D(strides.0, strides.1), padding: padding, dataFormat: dataFormat)
  return apply(AvgPool(window), x, name: name, file: file, line: line)
}

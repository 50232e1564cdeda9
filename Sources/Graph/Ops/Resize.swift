/// Changing the height and width of images `[N, H, W, C]`.

/// How the places of pixels in images of two sizes correspond.
public struct ResizeGeometry: Hashable, Sendable {
  /// Whether the centres of the corner pixels fall on each other.
  public let alignCorners: Bool
  /// Whether a pixel stands for its middle rather than its upper left corner.
  public let halfPixelCenters: Bool

  /// Returns TensorFlow 1's way by default: upper left corners fall on each other.
  public init(alignCorners: Bool = false, halfPixelCenters: Bool = false) {
    self.alignCorners = alignCorners
    self.halfPixelCenters = halfPixelCenters
  }

  var attributes: [String: AttributeValue] {
    ["align_corners": .bool(alignCorners), "half_pixel_centers": .bool(halfPixelCenters)]
  }
}

/// A resampling of images to the height and width that the second input names.
public protocol ResizeOperation: Operation {
  /// How the places of pixels correspond.
  var geometry: ResizeGeometry { get }
}

extension ResizeOperation {
  public var attributes: [String: AttributeValue] { geometry.attributes }

  func resizedShape(_ inputs: [TensorType]) throws(GraphError) -> Shape {
    try expectInputs(2, inputs)
    try expectRank(4, inputs[0])
    try expect(inputs[1], isOneOf: [.int32], "size")
    _ = try inputs[1].shape.mergedOrThrow([2])
    try expect(inputs[0], isOneOf: DataType.numeric, "images")
    guard !(geometry.alignCorners && geometry.halfPixelCenters) else {
      throw GraphError("If half_pixel_centers is True, align_corners must be False.")
    }
    if let least = inputs[1].value?.compactMap({ $0 }).min(), least <= 0 {
      throw GraphError("output dimensions must be positive")
    }
    return [inputs[0].shape[0], inputs[1].value?[0], inputs[1].value?[1], inputs[0].shape[3]]
  }
}

/// Returns the gradient of a resampling with respect to the images: the first input is that of the result; the shape of
/// the images follows from the second.
public protocol ResizeGradientOperation: Operation {
  /// How the places of pixels correspond.
  var geometry: ResizeGeometry { get }
}

extension ResizeGradientOperation {
  public var attributes: [String: AttributeValue] { geometry.attributes }

  /// The gradient has the type of the images, which are the second input.
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectRank(4, inputs[0])
    return [TensorType(inputs[1].dataType, inputs[1].shape)]
  }
}

/// Returns images resampled linearly between the four nearest pixels, as float32.
public struct ResizeBilinear: ResizeOperation {
  public static let tfName = "ResizeBilinear"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry = .init()) {
    self.geometry = geometry
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(.float32, try resizedShape(inputs))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard node.inputs[0].dataType.isFloating else { return [nil, nil] }
    return [upstream[0].map { apply(ResizeBilinearGrad(geometry), $0, node.inputs[0]) }, nil]
  }
}

/// The gradient of `ResizeBilinear`.
public struct ResizeBilinearGrad: ResizeGradientOperation {
  public static let tfName = "ResizeBilinearGrad"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry) {
    self.geometry = geometry
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(ResizeBilinear(geometry), $0, shape(node.inputs[0])[.range(1, 3)]) }, nil]
  }
}

/// Returns images resampled by cubic convolution of the sixteen nearest pixels, as float32.
public struct ResizeBicubic: ResizeOperation {
  public static let tfName = "ResizeBicubic"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry = .init()) {
    self.geometry = geometry
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(.float32, try resizedShape(inputs))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard node.inputs[0].dataType.isFloating else { return [nil, nil] }
    return [upstream[0].map { apply(ResizeBicubicGrad(geometry), $0, node.inputs[0]) }, nil]
  }
}

/// The gradient of `ResizeBicubic`.
public struct ResizeBicubicGrad: ResizeGradientOperation {
  public static let tfName = "ResizeBicubicGrad"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry) {
    self.geometry = geometry
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(ResizeBicubic(geometry), $0, shape(node.inputs[0])[.range(1, 3)]) }, nil]
  }
}

/// Returns images whose pixels are the nearest ones of the originals, of the same element type.
public struct ResizeNearestNeighbor: ResizeOperation {
  public static let tfName = "ResizeNearestNeighbor"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry = .init()) {
    self.geometry = geometry
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(inputs[0].dataType, try resizedShape(inputs))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    let size = shape(node.inputs[0])[.range(1, 3)]
    return [upstream[0].map { apply(ResizeNearestNeighborGrad(geometry), $0, size) }, nil]
  }
}

/// The gradient of `ResizeNearestNeighbor`: the second input is the height and width of the images.
public struct ResizeNearestNeighborGrad: ResizeGradientOperation {
  public static let tfName = "ResizeNearestNeighborGrad"
  public let geometry: ResizeGeometry

  public init(_ geometry: ResizeGeometry) {
    self.geometry = geometry
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectRank(4, inputs[0])
    let shape = inputs[0].shape
    return [TensorType(inputs[0].dataType, [shape[0], inputs[1].value?[0], inputs[1].value?[1], shape[3]])]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(ResizeNearestNeighbor(geometry), $0, shape(node.inputs[0])[.range(1, 3)]) }, nil]
  }
}

/// Returns images whose pixels are the means of the parts of the originals that they cover, as float32.
public struct ResizeArea: ResizeOperation {
  public static let tfName = "ResizeArea"
  /// Whether the centres of the corner pixels fall on each other.
  public let alignCorners: Bool

  public init(alignCorners: Bool = false) {
    self.alignCorners = alignCorners
  }

  public var geometry: ResizeGeometry { ResizeGeometry(alignCorners: alignCorners) }
  public var attributes: [String: AttributeValue] { ["align_corners": .bool(alignCorners)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(.float32, try resizedShape(inputs))]
  }
}

/// How pixels between pixels are found.
public enum ResizeMethod: Hashable, Sendable {
  /// Linearly between the four nearest.
  case bilinear
  /// By cubic convolution of the sixteen nearest.
  case bicubic
  /// The nearest one.
  case nearestNeighbor
  /// The mean of the part of the original that a pixel covers.
  case area
}

/// Returns images `[N, H, W, C]` or an image `[H, W, C]` resampled to `height` and `width`: float32, but for
/// `.nearestNeighbor`, which keeps the element type.
///
/// - Parameter geometry: By default TensorFlow 1's way. `tf.image.resize` of TensorFlow 2 is
///   `ResizeGeometry(halfPixelCenters: true)`.
///
/// Source: `tf.image.resize_images`, `tf.image.resize_bilinear`….
public func resizeImages(
  _ images: Tensor, height: Int, width: Int, method: ResizeMethod = .bilinear,
  geometry: ResizeGeometry = ResizeGeometry(), name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("resize", name, on: [images], file, line) {
    let batch = images.shape.rank == 3 ? expandDims(images, axis: 0) : images
    let size = constant(indices: [height, width], name: "size")
    let resized =
      switch method {
      case .bilinear: apply(ResizeBilinear(geometry), batch, size)
      case .bicubic: apply(ResizeBicubic(geometry), batch, size)
      case .nearestNeighbor: apply(ResizeNearestNeighbor(geometry), batch, size)
      case .area: apply(ResizeArea(alignCorners: geometry.alignCorners), batch, size)
      }
    return images.shape.rank == 3 ? squeeze(resized, axes: [0]) : resized
  }
}

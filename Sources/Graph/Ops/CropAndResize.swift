/// How pixels between pixels are found in a box.
public enum CropMethod: String, Hashable, Sendable {
  case bilinear
  case nearest
}

/// Returns boxes of images, each resampled to one size.
///
/// Inputs: images `[N, H, W, C]`; boxes `[B, 4]` of top, left, bottom and right, 0 to 1 from edge to edge; the number of
/// each box's image `[B]`; height and width of the results.
public struct CropAndResize: Operation {
  public static let tfName = "CropAndResize"
  /// How pixels between pixels are found.
  public let method: CropMethod
  /// What lies outside the images.
  public let extrapolationValue: Float

  public init(method: CropMethod = .bilinear, extrapolationValue: Float = 0) {
    self.method = method
    self.extrapolationValue = extrapolationValue
  }

  public var attributes: [String: AttributeValue] {
    ["method": .string(method.rawValue), "extrapolation_value": .float(extrapolationValue)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric, "image")
    try expectRank(4, inputs[0])
    try expect(inputs[1], isOneOf: [.float32], "boxes")
    try expect(inputs[2], isOneOf: [.int32], "box_ind")
    try expectRank(1, inputs[2])
    let boxes = try inputs[1].shape.mergedOrThrow([inputs[2].shape[0], 4])
    _ = try inputs[3].shape.mergedOrThrow([2])
    let size = inputs[3].value
    return [TensorType(.float32, [boxes[0], size?[0], size?[1], inputs[0].shape[3]])]
  }

  /// The nearest pixel does not move with a box: only bilinear sampling has a gradient with respect to boxes.
  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil, nil] }
    let images = node.inputs[0]
    let dx =
      images.dataType.isFloating
      ? cast(
        apply(CropAndResizeGradImage(method: method), dy, node.inputs[1], node.inputs[2], shape(images)),
        to: images.dataType) : nil
    guard method == .bilinear else { return [dx, nil, nil, nil] }
    return [dx, apply(CropAndResizeGradBoxes(), dy, images, node.inputs[1], node.inputs[2]), nil, nil]
  }
}

/// The gradient of `CropAndResize` with respect to the images, whose shape the fourth input names.
public struct CropAndResizeGradImage: Operation {
  public static let tfName = "CropAndResizeGradImage"
  /// How pixels between pixels were found.
  public let method: CropMethod

  public init(method: CropMethod) {
    self.method = method
  }

  public var attributes: [String: AttributeValue] {
    ["method": .string(method.rawValue), "T": .type(.float32)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    try expectRank(4, inputs[0])
    return [TensorType(.float32, inputs[3].value.map { Shape($0) } ?? .unknown(rank: 4))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dz = upstream[0] else { return [nil, nil, nil, nil] }
    let size = shape(node.inputs[0])[.range(1, 3)]
    return [apply(CropAndResize(method: method), dz, node.inputs[1], node.inputs[2], size), nil, nil, nil]
  }
}

/// The gradient of bilinear `CropAndResize` with respect to the boxes; not differentiable again.
public struct CropAndResizeGradBoxes: Operation {
  public static let tfName = "CropAndResizeGradBoxes"

  public init() {}

  public var attributes: [String: AttributeValue] { ["method": .string("bilinear")] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    return [TensorType(.float32, inputs[2].shape)]
  }
}

/// Returns boxes of `images`, each resampled to `height` and `width`: float32 `[B, height, width, C]`.
///
/// - Parameters:
///   - images: `[N, H, W, C]`.
///   - boxes: `[B, 4]`: top, left, bottom and right, 0 to 1 from edge to edge.
///   - boxIndices: int32 `[B]`: the image of each box.
///   - extrapolationValue: What lies outside the images.
///
/// Source: `tf.image.crop_and_resize`.
public func cropAndResize(
  _ images: Tensor, boxes: Tensor, boxIndices: Tensor, height: Int, width: Int, method: CropMethod = .bilinear,
  extrapolationValue: Float = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(
    CropAndResize(method: method, extrapolationValue: extrapolationValue), on: images, boxes, boxIndices, name: name,
    file: file, line: line
  ) {
    [images, boxes, boxIndices, constant(indices: [height, width], name: "crop_size")]
  }
}

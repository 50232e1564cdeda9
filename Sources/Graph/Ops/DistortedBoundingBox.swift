/// Draws a part of an image: inputs are its shape, int32 or int64 `[3]`, boxes in it, float32 `[B, N, 4]`, and the share
/// of one of them that the part has to hold. Outputs are where the part begins, its size, and both as a box.
public struct SampleDistortedBoundingBox: RandomOperation {
  public static let tfName = "SampleDistortedBoundingBoxV2"
  /// The seeds; what comes out is float32, or whole numbers of the type of the shape.
  public let draw: RandomDraw
  /// How parts are drawn, but for what must be covered, which is an input.
  public let rule: DistortedBoundingBox
  /// Whether the image is the box where there are none; otherwise that is an error.
  public let usesImageIfNoBoundingBoxes: Bool

  public init(_ draw: RandomDraw, rule: DistortedBoundingBox, usesImageIfNoBoundingBoxes: Bool) {
    self.draw = draw
    self.rule = rule
    self.usesImageIfNoBoundingBoxes = usesImageIfNoBoundingBoxes
  }

  public var attributes: [String: AttributeValue] {
    func ends(_ range: ClosedRange<Double>) -> AttributeValue {
      .floats([range.lowerBound, range.upperBound].map(Float.init))
    }
    return [
      "seed": .int(draw.seed), "seed2": .int(draw.seed2), "aspect_ratio_range": ends(rule.aspectRatioRange),
      "area_range": ends(rule.areaRange), "max_attempts": .int(rule.maxAttempts),
      "use_image_if_no_bounding_boxes": .bool(usesImageIfNoBoundingBoxes),
    ]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: [.int32, .int64], "image_size")
    try expect(inputs[1], isOneOf: [.float32], "bounding_boxes")
    try expect(inputs[2], isOneOf: [.float32], "min_object_covered")
    _ = try inputs[0].shape.mergedOrThrow([3])
    _ = try inputs[1].shape.mergedOrThrow([nil, nil, 4])
    _ = try inputs[2].shape.mergedOrThrow(.scalar)
    let type = inputs[0].dataType
    return [TensorType(type, [3]), TensorType(type, [3]), TensorType(.float32, [1, 1, 4])]
  }
}

/// Returns a random part of an image that holds something of a box: where it begins and its size, for `slice`, and the
/// same as a box `[1, 1, 4]`.
///
///     let part = sampleDistortedBoundingBox(imageSize: shape(image), boundingBoxes: boxes)
///     let cut = slice(image, begin: part.begin, size: part.size)
///
/// - Parameters:
///   - imageSize: The shape of the image: rows, columns and channels, int32 or int64 `[3]`.
///   - boundingBoxes: Boxes as shares of the image, float32 `[B, N, 4]`: top, left, bottom, right.
///   - rule: How parts are drawn.
///   - usesImageIfNoBoundingBoxes: Whether the image is the box where there are none; otherwise running that is an error.
///
/// Source: `tf.image.sample_distorted_bounding_box`.
public func sampleDistortedBoundingBox(
  imageSize: Tensor, boundingBoxes: Tensor, rule: DistortedBoundingBox = DistortedBoundingBox(),
  usesImageIfNoBoundingBoxes: Bool = false, seed: Int? = nil, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> (begin: Tensor, size: Tensor, boxes: Tensor) {
  let operation = SampleDistortedBoundingBox(
    imageSize.graph.draw(seed: seed, .float32), rule: rule, usesImageIfNoBoundingBoxes: usesImageIfNoBoundingBoxes)
  let outputs = BuildContext.at(file, line) {
    nameScope(name ?? "sample_distorted_bounding_box") {
      let covered = constant(Float(rule.minObjectCovered), name: "min_object_covered")
      return apply(operation, to: [imageSize, boundingBoxes, covered], outputs: 3)
    }
  }
  return (outputs[0], outputs[1], outputs[2])
}

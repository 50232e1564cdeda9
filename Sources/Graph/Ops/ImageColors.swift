/// Colours of images `[…, C]`.

/// An operation on colours, the three elements along the last axis.
public protocol ColorOperation: Operation {}

extension ColorOperation {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.float32, .float64], "images")
    try expectRank(atLeast: 1, inputs[0])
    if let channels = inputs[0].shape[-1], channels != 3 {
      throw GraphError("input must have 3 channels but input only has \(channels) channels.")
    }
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }
}

/// Returns colours of red, green and blue in [0, 1] as hue, saturation and value, all in [0, 1].
public struct RGBToHSV: ColorOperation {
  public static let tfName = "RGBToHSV"

  public init() {}
}

/// Returns colours of hue, saturation and value in [0, 1] as red, green and blue, all in [0, 1].
public struct HSVToRGB: ColorOperation {
  public static let tfName = "HSVToRGB"

  public init() {}
}

/// Returns colours of red, green and blue in [0, 1] as hue, saturation and value, all in [0, 1].
///
/// Source: `tf.image.rgb_to_hsv`.
public func rgbToHSV(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(RGBToHSV(), x, name: name, file: file, line: line)
}

/// Returns colours of hue, saturation and value in [0, 1] as red, green and blue, all in [0, 1].
///
/// Source: `tf.image.hsv_to_rgb`.
public func hsvToRGB(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(HSVToRGB(), x, name: name, file: file, line: line)
}

/// Returns `images` as numbers of another type: floating-point ones from 0 to 1, integers from 0 to their largest.
///
/// - Parameter saturate: Whether what is out of range is moved to the nearest limit.
///
/// Source: `tf.image.convert_image_dtype`.
public func convertImageDataType(
  _ images: Tensor, to dataType: DataType, saturate: Bool = false, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("convert_image", name, on: [images], file, line) {
    let from = images.dataType
    if from == dataType { return identity(images) }
    func converted(_ x: Tensor) -> Tensor { saturate ? saturateCast(x, to: dataType) : cast(x, to: dataType) }
    switch (from.isFloating, dataType.isFloating) {
    case (true, true): return cast(images, to: dataType)
    // The half is for rounding: a cast cuts off.
    case (true, false): return converted(images * ((dataType.limits?.most ?? 0) + 0.5))
    case (false, true): return cast(images, to: dataType) * (1 / (from.limits?.most ?? 1))
    case (false, false): return rescaled(images, from, dataType, converted)
    }
  }
}

private func rescaled(
  _ images: Tensor, _ from: DataType, _ to: DataType, _ converted: (Tensor) -> Tensor
) -> Tensor {
  let (largest, target) = (from.limits?.most ?? 1, to.limits?.most ?? 1)
  if largest > target {
    let scale = ((largest + 1) / (target + 1)).rounded(.down)
    return converted(floorDiv(images, constant(number: scale, like: images, name: "scale")))
  }
  return cast(images, to: to) * ((target + 1) / (largest + 1)).rounded(.down)
}

/// Returns the brightness of colours: `[…, 3]` becomes `[…, 1]`.
///
/// Source: `tf.image.rgb_to_grayscale`.
public func rgbToGrayscale(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("rgb_to_grayscale", name, on: [images], file, line) {
    throughFloat(images) {
      let weights = withoutControlDependencies { constant([0.2989, 0.587, 0.114] as [Float], name: "weights") }
      return reduceSum($0 * cast(weights, to: $0.dataType), axes: [-1], keepDims: true)
    }
  }
}

/// Returns grey images as colours: `[…, 1]` becomes `[…, 3]`.
///
/// Source: `tf.image.grayscale_to_rgb`.
public func grayscaleToRGB(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("grayscale_to_rgb", name, on: [images], file, line) {
    guard let rank = images.shape.rank, rank > 0 else {
      return failedTensor("grayscaleToRGB needs images of a known rank", in: images.graph)
    }
    return tile(images, multiples: [Int](repeating: 1, count: rank - 1) + [3])
  }
}

/// Returns `images` with mean 0 and standard deviation 1, each for itself: (x − mean) / max(deviation, 1 / √size), as
/// floating-point numbers.
///
/// Source: `tf.image.per_image_standardization`.
public func perImageStandardization(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("per_image_standardization", name, on: [images], file, line) {
    let x = images.dataType.isFloating ? images : cast(images, to: .float32)
    let extents = shape(x)[.range(-3, nil)]
    let least = rsqrt(cast(reduceProd(extents), to: x.dataType))
    let mean = reduceMean(x, axes: [-3, -2, -1], keepDims: true)
    let deviation = reduceStandardDeviation(x, axes: [-3, -2, -1], keepDims: true)
    return (x - mean) / maximum(deviation, least)
  }
}

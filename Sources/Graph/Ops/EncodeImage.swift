/// An operation that returns the file of an image, one string; its input is uint8 `[H, W, C]`.
public protocol ImageEncoder: NonDifferentiable {}

extension ImageEncoder {
  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.uint8], "image")
    try expectRank(3, inputs[0])
    return [TensorType(.string, [])]
  }
}

/// Returns the file of an image in JPEG.
public struct EncodeJpeg: ImageEncoder {
  public static let tfName = "EncodeJpeg"
  /// The options under TensorFlow's names.
  public let attributes: [String: AttributeValue]

  public init(
    format: String = "", quality: Int = 95, progressive: Bool = false, chromaDownsampling: Bool = true,
    densityUnit: String = "in", xDensity: Int = 300, yDensity: Int = 300, xmpMetadata: String = ""
  ) {
    attributes = [
      "format": .string(format), "quality": .int(quality), "progressive": .bool(progressive),
      "chroma_downsampling": .bool(chromaDownsampling), "density_unit": .string(densityUnit),
      "x_density": .int(xDensity), "y_density": .int(yDensity), "xmp_metadata": .string(xmpMetadata),
    ]
  }
}

/// Returns the file of an image in PNG.
public struct EncodePng: ImageEncoder {
  public static let tfName = "EncodePng"

  public init() {}
}

/// Returns the file of an image in JPEG, one string; needs a library of the system.
///
/// - Parameters:
///   - image: uint8 `[H, W, C]` with 1 channel or 3.
///   - format: `""` for the colours of the image, `grayscale` or `rgb`.
///   - quality: From 0, small, to 100, like the image.
///   - progressive: Whether a part of the file shows the whole image, coarsely.
///   - chromaDownsampling: Whether colours are stored at half the resolution of brightness.
///   - densityUnit: `in` or `cm`, to which the densities refer.
///   - xmpMetadata: Text in XMP that goes into the file if it is not empty.
///
/// Source: `tf.io.encode_jpeg`, without `optimize_size`.
public func encodeJpeg(
  _ image: Tensor, format: String = "", quality: Int = 95, progressive: Bool = false, chromaDownsampling: Bool = true,
  densityUnit: String = "in", xDensity: Int = 300, yDensity: Int = 300, xmpMetadata: String = "",
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = EncodeJpeg(
    format: format, quality: quality, progressive: progressive, chromaDownsampling: chromaDownsampling,
    densityUnit: densityUnit, xDensity: xDensity, yDensity: yDensity, xmpMetadata: xmpMetadata)
  return apply(operation, image, name: name, file: file, line: line)
}

/// Returns the file of an image in PNG, one string.
///
/// - Parameter image: uint8 `[H, W, C]` with 1 to 4 channels.
///
/// Source: `tf.io.encode_png`.
public func encodePng(
  _ image: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(EncodePng(), image, name: name, file: file, line: line)
}

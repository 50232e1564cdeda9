/// An operation that returns the file of an image, one string; its first input is uint8 `[H, W, C]`.
public protocol ImageEncoder: NonDifferentiable {
  /// The element types that pixels can have.
  static var pixelTypes: Set<DataType> { get }
  /// Whether the quality is a second input, an int32 scalar.
  static var takesQuality: Bool { get }
}

extension ImageEncoder {
  public static var pixelTypes: Set<DataType> { [.uint8] }
  public static var takesQuality: Bool { false }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(Self.takesQuality ? 2 : 1, inputs)
    try expect(inputs[0], isOneOf: Self.pixelTypes, "image")
    try expectRank(3, inputs[0])
    if Self.takesQuality {
      try expect(inputs[1], isOneOf: [.int32], "quality")
      try expectRank(0, inputs[1])
    }
    return [TensorType(.string, [])]
  }
}

/// Returns the file of an image in JPEG.
public struct EncodeJpeg: ImageEncoder {
  public static let tfName = "EncodeJpeg"
  /// The options under TensorFlow's names.
  public let attributes: [String: AttributeValue]

  public init(
    format: String = "", quality: Int = 95, progressive: Bool = false, optimizeSize: Bool = false,
    chromaDownsampling: Bool = true, densityUnit: String = "in", xDensity: Int = 300, yDensity: Int = 300,
    xmpMetadata: String = ""
  ) {
    attributes = [
      "format": .string(format), "quality": .int(quality), "progressive": .bool(progressive),
      "optimize_size": .bool(optimizeSize), "chroma_downsampling": .bool(chromaDownsampling),
      "density_unit": .string(densityUnit),
      "x_density": .int(xDensity), "y_density": .int(yDensity), "xmp_metadata": .string(xmpMetadata),
    ]
  }
}

/// Returns the file of an image in JPEG, of a quality that is computed.
public struct EncodeJpegVariableQuality: ImageEncoder {
  public static let tfName = "EncodeJpegVariableQuality"
  public static let takesQuality = true

  public init() {}
}

/// Returns the file of an image in PNG.
public struct EncodePng: ImageEncoder {
  public static let tfName = "EncodePng"
  public static let pixelTypes: Set<DataType> = [.uint8, .uint16]
  /// From 0, none, to 9, the smallest file; -1 is a good middle.
  public let compression: Int

  public init(compression: Int = -1) {
    self.compression = compression
  }

  public var attributes: [String: AttributeValue] { ["compression": .int(compression)] }
}

/// Returns the file of an image in JPEG, one string; needs a library of the system.
///
/// - Parameters:
///   - image: uint8 `[H, W, C]` with 1 channel or 3.
///   - format: `""` for the colours of the image, `grayscale` or `rgb`.
///   - quality: From 0, small, to 100, like the image.
///   - progressive: Whether a part of the file shows the whole image, coarsely.
///   - optimizeSize: Whether the codes of the file are made for this image, so that it is a little smaller.
///   - chromaDownsampling: Whether colours are stored at half the resolution of brightness.
///   - densityUnit: `in` or `cm`, to which the densities refer.
///   - xmpMetadata: Text in XMP that goes into the file if it is not empty.
///
/// Source: `tf.io.encode_jpeg`.
public func encodeJpeg(
  _ image: Tensor, format: String = "", quality: Int = 95, progressive: Bool = false, optimizeSize: Bool = false,
  chromaDownsampling: Bool = true, densityUnit: String = "in", xDensity: Int = 300, yDensity: Int = 300,
  xmpMetadata: String = "", name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = EncodeJpeg(
    format: format, quality: quality, progressive: progressive, optimizeSize: optimizeSize,
    chromaDownsampling: chromaDownsampling, densityUnit: densityUnit, xDensity: xDensity, yDensity: yDensity,
    xmpMetadata: xmpMetadata)
  return apply(operation, image, name: name, file: file, line: line)
}

/// Returns the file of an image in PNG, one string.
///
/// - Parameters:
///   - image: uint8 or uint16 `[H, W, C]` with 1 to 4 channels.
///   - compression: From 0, none, to 9, the smallest file; -1 is a good middle. The pixels are the same.
///
/// Source: `tf.io.encode_png`.
public func encodePng(
  _ image: Tensor, compression: Int = -1, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(EncodePng(compression: compression), image, name: name, file: file, line: line)
}

/// Returns an image as a JPEG file of some quality has it; needs a library of the system.
///
/// - Parameters:
///   - image: `[H, W, C]` with 1 channel or 3, of uint8, another integer type, or a floating-point type with numbers
///     from 0 to 1.
///   - quality: An int32 scalar from 0, small, to 100, like the image.
///
/// Source: `tf.image.adjust_jpeg_quality`.
public func adjustJpegQuality(
  _ image: Tensor, quality: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_jpeg_quality", name, on: [image, quality], file, line) {
    let bytes = convertImageDataType(image, to: .uint8, saturate: true)
    let contents = apply(EncodeJpegVariableQuality(), bytes, quality)
    let channels = image.shape.extents?.last.flatMap { $0 } ?? 0
    let decoded = decodeJpeg(contents, channels: channels, transform: .unspecified)
    return convertImageDataType(decoded, to: image.dataType, saturate: true)
  }
}

/// Returns an image as a JPEG file of some quality has it.
///
/// Source: `tf.image.adjust_jpeg_quality`.
public func adjustJpegQuality(
  _ image: Tensor, quality: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let number = withGraph(image.graph) { constant(index: quality, name: "jpeg_quality") }
  return adjustJpegQuality(image, quality: number, name: name, file: file, line: line)
}

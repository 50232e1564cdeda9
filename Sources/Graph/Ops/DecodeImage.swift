/// An operation that returns the pixels of an encoded image; its input is one string, the bytes of a file.
///
/// The kind of file is told by its first bytes, whatever the operation's name says.
public protocol ImageDecoder: NonDifferentiable {
  /// 1, 3 or 4 channels; 0 for those of the file.
  var channels: Int { get }
  /// The element type of the pixels.
  var dataType: DataType { get }
  /// The extents before those of height, width and channels; nil if the bytes tell whether there are any.
  static var leadingExtents: [Int?]? { get }
}

extension ImageDecoder {
  public static var leadingExtents: [Int?]? { [] }
  public var dataType: DataType { .uint8 }
  public var attributes: [String: AttributeValue] { ["channels": .int(channels)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.string], "contents")
    try expectRank(0, inputs[0])
    guard [0, 1, 3, 4].contains(channels) else {
      throw GraphError("channels attribute must be 0, 1, 3, or 4, got \(channels)")
    }
    guard dataType == .uint8 || dataType == .uint16 else {
      throw GraphError("`dtype` must be uint8 or uint16, got \(dataType)")
    }
    guard let leading = Self.leadingExtents else { return [TensorType(dataType, .unknown)] }
    return [TensorType(dataType, Shape(leading + [nil, nil, channels == 0 ? nil : channels]))]
  }
}

/// How a JPEG file is turned back into frequencies and colours.
///
/// Source: `dct_method` of `tf.io.decode_jpeg`.
public enum JPEGTransform: String, Hashable, Sendable {
  /// TensorFlow's choice: the fast one.
  case unspecified = ""
  /// Close to `integerAccurate`, and in less time.
  case integerFast = "INTEGER_FAST"
  /// As exact as integers are.
  case integerAccurate = "INTEGER_ACCURATE"
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
public struct DecodeJpeg: ImageDecoder {
  public static let tfName = "DecodeJpeg"
  public let channels: Int
  /// By how much the image is scaled down: 1, 2, 4 or 8.
  public let ratio: Int
  /// Whether colours between those of the file are interpolated.
  public let fancyUpscaling: Bool
  /// Whether what is missing of a file that ends early is gray.
  public let tryRecoverTruncated: Bool
  /// The part of the lines that has to be there, from 0 to 1.
  public let acceptableFraction: Float
  public let transform: JPEGTransform

  public init(
    channels: Int = 0, ratio: Int = 1, fancyUpscaling: Bool = true, tryRecoverTruncated: Bool = false,
    acceptableFraction: Float = 1, transform: JPEGTransform = .integerAccurate
  ) {
    self.channels = channels
    self.ratio = ratio
    self.fancyUpscaling = fancyUpscaling
    self.tryRecoverTruncated = tryRecoverTruncated
    self.acceptableFraction = acceptableFraction
    self.transform = transform
  }

  public var attributes: [String: AttributeValue] {
    [
      "channels": .int(channels), "ratio": .int(ratio), "fancy_upscaling": .bool(fancyUpscaling),
      "try_recover_truncated": .bool(tryRecoverTruncated), "acceptable_fraction": .float(acceptableFraction),
      "dct_method": .string(transform.rawValue),
    ]
  }
}

/// Returns the pixels of an encoded image, uint8 or uint16 `[H, W, C]`.
public struct DecodePng: ImageDecoder {
  public static let tfName = "DecodePng"
  public let channels: Int
  public let dataType: DataType

  public init(channels: Int = 0, dataType: DataType = .uint8) {
    self.channels = channels
    self.dataType = dataType
  }

  public var attributes: [String: AttributeValue] { ["channels": .int(channels), "dtype": .type(dataType)] }
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
public struct DecodeBmp: ImageDecoder {
  public static let tfName = "DecodeBmp"
  public let channels: Int

  public init(channels: Int = 0) {
    self.channels = channels
  }
}

/// Returns the pixels of all frames of an animation, uint8 `[frames, H, W, 3]`.
public struct DecodeGif: ImageDecoder {
  public static let tfName = "DecodeGif"
  public static let leadingExtents: [Int?]? = [nil]
  public var channels: Int { 3 }
  public var attributes: [String: AttributeValue] { [:] }

  public init() {}
}

/// Returns the pixels of an encoded image, `[H, W, C]`, or of an animation, `[frames, H, W, 3]`.
public struct DecodeImage: ImageDecoder {
  public static let tfName = "DecodeImage"
  public static let leadingExtents: [Int?]? = nil
  public let channels: Int
  public let dataType: DataType
  public let expandAnimations: Bool

  public init(channels: Int = 0, dataType: DataType = .uint8, expandAnimations: Bool = true) {
    self.channels = channels
    self.dataType = dataType
    self.expandAnimations = expandAnimations
  }

  public var attributes: [String: AttributeValue] {
    ["channels": .int(channels), "dtype": .type(dataType), "expand_animations": .bool(expandAnimations)]
  }
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
///
/// JPEG, PNG, GIF of one frame, BMP and PPM are told apart by their first bytes; JPEG and PNG need libraries of the
/// system.
///
/// - Parameters:
///   - contents: One string, the bytes of a file.
///   - channels: 1, 3 or 4; 0 for those of the file.
///   - ratio: By how much a JPEG is scaled down as it is decoded: 1, 2, 4 or 8.
///   - fancyUpscaling: Whether colours of a JPEG at half the resolution are interpolated.
///   - tryRecoverTruncated: Whether what is missing of a JPEG that ends early is gray; else that is an error.
///   - acceptableFraction: The part of the lines of a JPEG that has to be there, from 0 to 1; what is missing is gray.
///   - transform: How frequencies become pixels. TensorFlow's default is the fast one.
///
/// Source: `tf.io.decode_jpeg`, which reads PNG too.
public func decodeJpeg(
  _ contents: Tensor, channels: Int = 0, ratio: Int = 1, fancyUpscaling: Bool = true,
  tryRecoverTruncated: Bool = false, acceptableFraction: Float = 1, transform: JPEGTransform = .integerAccurate,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = DecodeJpeg(
    channels: channels, ratio: ratio, fancyUpscaling: fancyUpscaling, tryRecoverTruncated: tryRecoverTruncated,
    acceptableFraction: acceptableFraction, transform: transform)
  return apply(operation, contents, name: name, file: file, line: line)
}

/// Returns the pixels of an encoded image, `[H, W, C]`, as `decodeJpeg` does.
///
/// - Parameter dataType: uint8, or uint16 for all bits of a PNG of 16; eight bits are spread over sixteen.
///
/// Source: `tf.io.decode_png`, which reads JPEG too.
public func decodePng(
  _ contents: Tensor, channels: Int = 0, dataType: DataType = .uint8, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DecodePng(channels: channels, dataType: dataType), contents, name: name, file: file, line: line)
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`, as `decodeJpeg` does.
///
/// Source: `tf.io.decode_bmp`, which reads nothing else.
public func decodeBmp(
  _ contents: Tensor, channels: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DecodeBmp(channels: channels), contents, name: name, file: file, line: line)
}

/// Returns the pixels of all frames of an animation, uint8 `[frames, H, W, 3]`; of another image those of its one.
///
/// Each frame is drawn over the one before. Source: `tf.io.decode_gif`.
public func decodeGif(
  _ contents: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DecodeGif(), contents, name: name, file: file, line: line)
}

/// Returns the pixels of an encoded image of any kind, `[H, W, C]`; of a GIF `[frames, H, W, 3]`.
///
/// - Parameters:
///   - contents: One string, the bytes of a file.
///   - channels: 1, 3 or 4; 0 for those of the file.
///   - dataType: uint8, uint16, or a floating-point type for numbers from 0 to 1.
///   - expandAnimations: Whether a GIF has all its frames; else its first, `[H, W, 3]`.
///
/// Source: `tf.io.decode_image`.
public func decodeImage(
  _ contents: Tensor, channels: Int = 0, dataType: DataType = .uint8, expandAnimations: Bool = true,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let isWide = dataType == .uint16
  let operation = DecodeImage(
    channels: channels, dataType: isWide ? .uint16 : .uint8, expandAnimations: expandAnimations)
  if dataType == operation.dataType { return apply(operation, contents, name: name, file: file, line: line) }
  return composite("decode_image", name, on: [contents], file, line) {
    convertImageDataType(apply(operation, contents), to: dataType)
  }
}

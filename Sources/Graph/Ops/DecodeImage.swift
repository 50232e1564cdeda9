/// An operation that returns the pixels of an encoded image; its input is one string, the bytes of a file.
///
/// The kind of file is told by its first bytes, whatever the operation's name says.
public protocol ImageDecoder: NonDifferentiable {
  /// 1, 3 or 4 channels; 0 for those of the file.
  var channels: Int { get }
  /// The extents before those of height, width and channels; nil if the bytes tell whether there are any.
  static var leadingExtents: [Int?]? { get }
}

extension ImageDecoder {
  public static var leadingExtents: [Int?]? { [] }
  public var attributes: [String: AttributeValue] { ["channels": .int(channels)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.string], "contents")
    try expectRank(0, inputs[0])
    guard [0, 1, 3, 4].contains(channels) else {
      throw GraphError("channels attribute must be 0, 1, 3, or 4, got \(channels)")
    }
    guard let leading = Self.leadingExtents else { return [TensorType(.uint8, .unknown)] }
    return [TensorType(.uint8, Shape(leading + [nil, nil, channels == 0 ? nil : channels]))]
  }
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
public struct DecodeJpeg: ImageDecoder {
  public static let tfName = "DecodeJpeg"
  public let channels: Int

  public init(channels: Int = 0) {
    self.channels = channels
  }

  // The accurate transform is the one that decodes here.
  public var attributes: [String: AttributeValue] {
    ["channels": .int(channels), "dct_method": .string("INTEGER_ACCURATE")]
  }
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
public struct DecodePng: ImageDecoder {
  public static let tfName = "DecodePng"
  public let channels: Int

  public init(channels: Int = 0) {
    self.channels = channels
  }
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

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`, or of an animation, `[frames, H, W, 3]`.
public struct DecodeImage: ImageDecoder {
  public static let tfName = "DecodeImage"
  public static let leadingExtents: [Int?]? = nil
  public let channels: Int
  public let expandAnimations: Bool

  public init(channels: Int = 0, expandAnimations: Bool = true) {
    self.channels = channels
    self.expandAnimations = expandAnimations
  }

  public var attributes: [String: AttributeValue] {
    ["channels": .int(channels), "dtype": .type(.uint8), "expand_animations": .bool(expandAnimations)]
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
///
/// Source: `tf.io.decode_jpeg`, which reads PNG too.
public func decodeJpeg(
  _ contents: Tensor, channels: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DecodeJpeg(channels: channels), contents, name: name, file: file, line: line)
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`, as `decodeJpeg` does.
///
/// Source: `tf.io.decode_png`, which reads JPEG too.
public func decodePng(
  _ contents: Tensor, channels: Int = 0, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DecodePng(channels: channels), contents, name: name, file: file, line: line)
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
///   - dataType: uint8, or a floating-point type for numbers from 0 to 1.
///   - expandAnimations: Whether a GIF has all its frames; else its first, `[H, W, 3]`.
///
/// Source: `tf.io.decode_image`.
public func decodeImage(
  _ contents: Tensor, channels: Int = 0, dataType: DataType = .uint8, expandAnimations: Bool = true,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = DecodeImage(channels: channels, expandAnimations: expandAnimations)
  if dataType == .uint8 { return apply(operation, contents, name: name, file: file, line: line) }
  return composite("decode_image", name, on: [contents], file, line) {
    convertImageDataType(apply(operation, contents), to: dataType)
  }
}

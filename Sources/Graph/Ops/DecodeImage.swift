/// Returns the pixels of an encoded image, uint8 `[H, W, C]`: the input is one string, the bytes of a file.
public struct DecodeJpeg: NonDifferentiable {
  public static let tfName = "DecodeJpeg"
  /// 1, 3 or 4 channels; 0 for those of the file.
  public let channels: Int

  public init(channels: Int = 0) {
    self.channels = channels
  }

  // The accurate transform is the one that decodes here.
  public var attributes: [String: AttributeValue] {
    ["channels": .int(channels), "dct_method": .string("INTEGER_ACCURATE")]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.string], "contents")
    try expectRank(0, inputs[0])
    guard [0, 1, 3, 4].contains(channels) else {
      throw GraphError("channels attribute must be 0, 1, 3, or 4, got \(channels)")
    }
    return [TensorType(.uint8, [nil, nil, channels == 0 ? nil : channels])]
  }
}

/// Returns the pixels of an encoded image, uint8 `[H, W, C]`.
///
/// JPEG, PNG, BMP and PPM are told apart by their first bytes; JPEG and PNG need libraries of the system.
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

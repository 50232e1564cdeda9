import EspalierGraph

extension Summary.Value {
  /// Returns the first images of a batch as PNG, under `tag/image/0`, `tag/image/1`…; under `tag/image` if `maxOutputs`
  /// is 1.
  ///
  /// Elements of type uint8 are taken as they are. Floating-point images are scaled, each by itself: by 255 over the
  /// maximum, or, if it has negative elements, by 127 over the greatest magnitude around 128. Pixels that are not finite
  /// are red.
  ///
  /// - Parameters:
  ///   - tag: The tag.
  ///   - images: The images `[N, H, W, C]` with 1, 3 or 4 channels, of type uint8, float32, float64 or half.
  ///   - maxOutputs: How many images are shown at most. Default: 3.
  /// - Throws: `FormatError` of kind `invalidArgument` if `images` has another shape or type.
  ///
  /// Source: `tf.compat.v1.summary.image`.
  public static func images(
    _ tag: String, _ images: HostTensor, maxOutputs: Int = 3
  ) throws(FormatError) -> [Summary.Value] {
    let shape = images.shape
    guard shape.count == 4, [1, 3, 4].contains(shape[3]) else {
      throw FormatError(
        .invalidArgument, file: "summary",
        "Tensor must be 4-D with last dim 1, 3, or 4, not \(images.type.shape): \(tag)")
    }
    let size = shape[1] * shape[2] * shape[3]
    let pixels = try ImagePixels(images, tag)
    return (0..<min(max(maxOutputs, 0), shape[0])).map { index in
      let bytes = pixels.image(index * size..<(index + 1) * size, channels: shape[3])
      let encoded = PNG.encode(bytes[...], height: shape[1], width: shape[2], channels: shape[3])
      let image = Summary.Image(height: shape[1], width: shape[2], colorspace: shape[3], encoded: encoded)
      let name = maxOutputs == 1 ? "\(tag)/image" : "\(tag)/image/\(index)"
      return Summary.Value(tag: name, content: .image(image))
    }
  }
}

/// The elements of a batch of images.
package enum ImagePixels {
  case bytes([UInt8])
  case floats([Float])

  package init(_ images: HostTensor, _ tag: String) throws(FormatError) {
    do throws(TensorError) {
      switch images.dataType {
      case .uint8: self = .bytes(try images.scalars())
      case .float32: self = .floats(try images.scalars())
      case .float64, .float16: self = .floats(try images.doubles().map { Float($0) })
      default: throw TensorError("images are uint8 or floating-point, not \(images.dataType)")
      }
    } catch {
      throw FormatError(.invalidArgument, file: "summary", "\(tag): \(error)")
    }
  }

  /// Returns the pixels of one image, scaled to 0…255.
  package func image(_ range: Range<Int>, channels: Int) -> [UInt8] {
    switch self {
    case .bytes(let values): Array(values[range])
    case .floats(let values): Self.scaled(values[range], channels: channels)
    }
  }

  private static func scaled(_ values: ArraySlice<Float>, channels: Int) -> [UInt8] {
    let pixels = stride(from: values.startIndex, to: values.endIndex, by: channels).map { values[$0..<$0 + channels] }
    let finite = pixels.map { $0.allSatisfy(\.isFinite) }
    var minimum = Float.infinity
    var maximum = -Float.infinity
    for (pixel, isFinite) in zip(pixels, finite) where isFinite {
      for value in pixel {
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      }
    }
    let isSigned = minimum < 0
    let range = isSigned ? max(abs(minimum), abs(maximum)) : maximum
    // What is all zero stays so: below this there is nothing to divide by.
    let scale = range < 1e-6 ? 0 : (isSigned ? 127 : 255) / range
    let offset: Float = isSigned ? 128 : 0
    let red: [UInt8] = [255, 0, 0, 255]
    return zip(pixels, finite).flatMap { pixel, isFinite in
      isFinite ? pixel.map { UInt8(min(max($0 * scale + offset, 0), 255)) } : Array(red.prefix(channels))
    }
  }
}

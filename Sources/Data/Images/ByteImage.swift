import CKernels
import EspalierGraph

/// An image of bytes that is cut, padded and mirrored on paper: its pixels are computed once, where they are written
/// into a batch.
///
///     let image = try ByteImage(planes: bytes, height: 32, width: 32, depth: 3)
///     let shifted = try image.randomlyShifted(by: 4, using: &random)
///     let values = try shifted.randomlyFlippedLeftRight(using: &random).tensor()
///
/// So a step costs nothing, and a shuffle buffer holds bytes instead of floats. The same steps on a `HostTensor` give
/// the same values from the same random numbers.
public struct ByteImage: Sendable {
  private let bytes: [UInt8]
  private let layout: Layout
  /// The number of channels.
  public let depth: Int
  /// What is seen, in the pixels of the original; zeros where it goes beyond `visible`.
  private var window: Rectangle
  /// The part of the original that no step has cut off.
  private var visible: Rectangle
  private var isFlipped = false
  private var isStandardized = false

  /// Returns an image of bytes that lie plane by plane, as in CIFAR-10: all of channel 0 in rows from the top, then
  /// channel 1…
  ///
  /// - Throws: `DatasetError` if there are not `height · width · depth` bytes.
  public init(planes bytes: [UInt8], height: Int, width: Int, depth: Int) throws {
    let layout = Layout(row: width, column: 1, channel: height &* width)
    try self.init(bytes, layout, height: height, width: width, depth: depth)
  }

  /// Returns an image of bytes that lie pixel by pixel, as decoders give them.
  ///
  /// - Throws: `DatasetError` if there are not `height · width · depth` bytes.
  public init(pixels bytes: [UInt8], height: Int, width: Int, depth: Int) throws {
    let layout = Layout(row: width &* depth, column: depth, channel: 1)
    try self.init(bytes, layout, height: height, width: width, depth: depth)
  }

  private init(_ bytes: [UInt8], _ layout: Layout, height: Int, width: Int, depth: Int) throws {
    let sides = [height, width, depth]
    guard sides.allSatisfy({ (0...Rectangle.longestSide).contains($0) }), bytes.count <= Int(Int32.max),
      bytes.count == height * width * depth
    else { throw DatasetError("\(bytes.count) bytes are not an image of \(height) x \(width) x \(depth)") }
    self.bytes = bytes
    self.layout = layout
    self.depth = depth
    window = Rectangle(top: 0, left: 0, height: height, width: width)
    visible = window
  }

  /// The number of rows.
  public var height: Int { window.height }
  /// The number of columns.
  public var width: Int { window.width }

  /// The bytes from a row, a column or a channel to the next.
  private struct Layout {
    let row: Int
    let column: Int
    let channel: Int
  }
}

/// Some rows and columns of an image.
private struct Rectangle {
  /// So that no sum or product of sides and places overflows.
  static let longestSide = 1 << 20

  var top: Int
  var left: Int
  var height: Int
  var width: Int

  /// Returns what is in both.
  func intersection(_ other: Rectangle) -> Rectangle {
    let top = max(self.top, other.top)
    let left = max(self.left, other.left)
    let bottom = min(self.top + height, other.top + other.height)
    let right = min(self.left + width, other.left + other.width)
    return Rectangle(top: top, left: left, height: max(0, bottom - top), width: max(0, right - left))
  }
}

extension ByteImage {
  /// Returns an image of `height` by `width`, cut off or padded with zeros evenly on both sides; the odd row or column
  /// goes below or to the right.
  ///
  /// - Throws: `DatasetError` if the image is standardized, or a size is negative.
  ///
  /// Source: `tf.image.resize_image_with_crop_or_pad`.
  public func resizedWithCropOrPad(height: Int, width: Int) throws -> ByteImage {
    // Negative offsets pad: 3 / 2 and -3 / 2 both round towards zero, as TensorFlow does it.
    try part(top: -((height - self.height) / 2), left: -((width - self.width) / 2), height: height, width: width)
  }

  /// Returns a part of `height` by `width` at a random place.
  ///
  /// - Throws: `DatasetError` if the image is smaller than that, or standardized.
  ///
  /// Source: `tf.random_crop`.
  public func randomlyCropped(
    height: Int, width: Int, using random: inout some RandomNumberGenerator
  ) throws -> ByteImage {
    guard height <= self.height, width <= self.width else {
      throw DatasetError("cannot crop \(height) x \(width) from an image of \(self.height) x \(self.width)")
    }
    let top = Int.random(in: 0...self.height - height, using: &random)
    let left = Int.random(in: 0...self.width - width, using: &random)
    return try part(top: top, left: left, height: height, width: width)
  }

  /// Returns the image shifted by up to `pixels` rows and columns, with zeros where nothing is left.
  ///
  /// - Throws: `DatasetError` if the image is standardized, or `pixels` is negative.
  public func randomlyShifted(by pixels: Int, using random: inout some RandomNumberGenerator) throws -> ByteImage {
    guard (0...Rectangle.longestSide).contains(pixels) else { throw DatasetError("cannot shift by \(pixels) pixels") }
    return try resizedWithCropOrPad(height: height + 2 * pixels, width: width + 2 * pixels)
      .randomlyCropped(height: height, width: width, using: &random)
  }

  /// Returns the image, or with even chance its mirror image.
  ///
  /// Source: `tf.image.random_flip_left_right`.
  public func randomlyFlippedLeftRight(using random: inout some RandomNumberGenerator) -> ByteImage {
    Bool.random(using: &random) ? flippedLeftRight() : self
  }

  /// Returns the mirror image.
  ///
  /// Source: `tf.image.flip_left_right`.
  public func flippedLeftRight() -> ByteImage {
    var result = self
    result.isFlipped.toggle()
    return result
  }

  /// Returns the image less its mean, divided by its deviation or by 1/√n if that is more. Nothing can be cut off or
  /// padded after it.
  ///
  /// Source: `tf.image.per_image_standardization`.
  public func standardized() -> ByteImage {
    var result = self
    result.isStandardized = true
    return result
  }

  /// Returns the part that begins at (top, left), with zeros where it goes beyond the image.
  private func part(top: Int, left: Int, height: Int, width: Int) throws -> ByteImage {
    guard !isStandardized else { throw DatasetError("an image is cut and padded before it is standardized") }
    guard (0...Rectangle.longestSide).contains(height), (0...Rectangle.longestSide).contains(width) else {
      throw DatasetError("\(height) x \(width) is not the size of an image")
    }
    // The columns of a mirrored image are counted from its other side.
    let leftOfOriginal = isFlipped ? self.width - left - width : left
    var result = self
    result.visible = visible.intersection(window)
    result.window = Rectangle(
      top: window.top + top, left: window.left + leftOfOriginal, height: height, width: width)
    return result
  }
}

extension ByteImage {
  /// Returns the values: float32, `[height, width, depth]`, 0 to 255 unless standardized.
  public func tensor() -> HostTensor {
    var result = HostTensor(uninitialized: .float32, shape: [height, width, depth])
    result.withUnsafeMutableBytes { write(to: $0.bindMemory(to: Float.self)) }
    return result
  }

  /// Computes the pixels.
  func write(to target: UnsafeMutableBufferPointer<Float>) {
    guard let y = target.baseAddress, target.count == height * width * depth, target.count > 0 else { return }
    var crop = esp_image_crop(
      height: Int32(visible.height), width: Int32(visible.width), channels: Int32(depth),
      row_stride: Int32(layout.row), column_stride: Int32(layout.column), channel_stride: Int32(layout.channel),
      out_height: Int32(height), out_width: Int32(width), top: Int32(clamping: window.top - visible.top),
      left: Int32(clamping: window.left - visible.left), flip: isFlipped ? 1 : 0, scale: 1, offset: 0)
    bytes.withUnsafeBufferPointer { bytes in
      guard let x = bytes.baseAddress, !bytes.isEmpty else { return target.update(repeating: 0) }
      let first = visible.height * visible.width > 0 ? visible.top * layout.row + visible.left * layout.column : 0
      esp_image_crop_u8_f32(&crop, x + first, y)
    }
    if isStandardized { esp_image_standardize_f32(target.count, y, y) }
  }
}

import CKernels
import EspalierGraph

/// Images as tensors: float32, `[height, width, channels]`, values as in the file (0 to 255).

extension HostTensor {
  /// Returns an image of shape `[height, width, depth]` from bytes that lie plane by plane, as in CIFAR-10: all of
  /// channel 0 in rows from the top, then channel 1…
  ///
  /// - Throws: `DatasetError` if there are not `height · width · depth` bytes.
  public init(imagePlanes bytes: [UInt8], height: Int, width: Int, depth: Int) throws {
    guard height >= 0, width >= 0, depth >= 0, bytes.count == height * width * depth else {
      throw DatasetError("\(bytes.count) bytes are not an image of \(height) x \(width) x \(depth)")
    }
    self.init(uninitialized: .float32, shape: [height, width, depth])
    withUnsafeMutableBytes { target in
      let pixels = target.bindMemory(to: Float.self)
      let area = height * width
      for channel in 0..<depth {
        for pixel in 0..<area { pixels[pixel * depth + channel] = Float(bytes[channel * area + pixel]) }
      }
    }
  }

  /// Returns an image of `height` by `width`, cut off or padded with zeros evenly on both sides; the odd row or column
  /// goes below or to the right.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image.
  ///
  /// Source: `tf.image.resize_image_with_crop_or_pad`.
  public func resizedWithCropOrPad(height: Int, width: Int) throws -> HostTensor {
    let size = try imageSize()
    // Negative offsets cut off: -3 / 2 and 3 / 2 both round towards zero, as TensorFlow does it.
    return try window(
      top: -((height - size.height) / 2), left: -((width - size.width) / 2), height: height, width: width)
  }

  /// Returns a part of `height` by `width` at a random place.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image, or smaller than that.
  ///
  /// Source: `tf.random_crop`.
  public func randomlyCropped(
    height: Int, width: Int, using random: inout some RandomNumberGenerator
  ) throws -> HostTensor {
    let size = try imageSize()
    guard height <= size.height, width <= size.width else {
      throw DatasetError("cannot crop \(height) x \(width) from an image of \(size.height) x \(size.width)")
    }
    let top = Int.random(in: 0...size.height - height, using: &random)
    let left = Int.random(in: 0...size.width - width, using: &random)
    return try window(top: top, left: left, height: height, width: width)
  }

  /// Returns the image, or with even chance its mirror image.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image.
  ///
  /// Source: `tf.image.random_flip_left_right`.
  public func randomlyFlippedLeftRight(using random: inout some RandomNumberGenerator) throws -> HostTensor {
    let size = try imageSize()
    guard Bool.random(using: &random) else { return self }
    var result = HostTensor(uninitialized: .float32, shape: shape)
    withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        let from = source.bindMemory(to: Float.self)
        let to = target.bindMemory(to: Float.self)
        let row = size.width * size.depth
        for start in stride(from: 0, to: from.count, by: max(1, row)) {
          for x in 0..<size.width {
            for channel in 0..<size.depth {
              to[start + x * size.depth + channel] = from[start + (size.width - 1 - x) * size.depth + channel]
            }
          }
        }
      }
    }
    return result
  }

  /// Returns the image less its mean, divided by its deviation or by 1/√n if that is more.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image.
  ///
  /// Source: `tf.image.per_image_standardization`.
  public func standardized() throws -> HostTensor {
    _ = try imageSize()
    var result = self
    let count = result.count
    result.withUnsafeMutableBytes { bytes in
      guard let pixels = bytes.bindMemory(to: Float.self).baseAddress else { return }
      esp_image_standardize_f32(count, pixels, pixels)
    }
    return result
  }

  func imageSize() throws -> (height: Int, width: Int, depth: Int) {
    guard dataType == .float32, shape.count == 3 else { throw DatasetError("\(type) is not an image") }
    return (shape[0], shape[1], shape[2])
  }

  /// Returns the part of the image that begins at (top, left), with zeros where it goes beyond the image.
  func window(top: Int, left: Int, height: Int, width: Int) throws -> HostTensor {
    let size = try imageSize()
    var result = HostTensor(zeros: .float32, shape: [height, width, size.depth])
    let firstColumn = max(0, left)
    let columns = min(size.width, left + width) - firstColumn
    guard columns > 0 else { return result }
    let rowBytes = columns * size.depth * MemoryLayout<Float>.size
    withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        for row in max(0, top)..<max(max(0, top), min(size.height, top + height)) {
          let from = (row * size.width + firstColumn) * size.depth * MemoryLayout<Float>.size
          let to = ((row - top) * width + firstColumn - left) * size.depth * MemoryLayout<Float>.size
          UnsafeMutableRawBufferPointer(rebasing: target[to..<to + rowBytes])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + rowBytes]))
        }
      }
    }
    return result
  }
}

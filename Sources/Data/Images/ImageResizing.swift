import EspalierGraph

extension HostTensor {
  /// Returns an image of `height` by `width`, each pixel a mean of the four nearest of this one.
  ///
  /// - Parameter halfPixelCenters: Whether pixels are squares whose middles are meant, as OpenCV and newer TensorFlow
  ///   have it, or points at their upper left corners, as TensorFlow 1 has it.
  /// - Throws: `DatasetError` if this is not a float32 image, or empty.
  ///
  /// Source: `tf.image.resize_bilinear`, `cv2.resize`.
  public func resizedBilinear(height: Int, width: Int, halfPixelCenters: Bool = false) throws -> HostTensor {
    let size = try imageSize()
    let channels = shape[2]
    guard size.height > 0, size.width > 0, height > 0, width > 0 else {
      throw DatasetError("cannot resize an image of \(size.height) x \(size.width) to \(height) x \(width)")
    }
    let rows = Self.taps(from: size.height, to: height, halfPixelCenters)
    let columns = Self.taps(from: size.width, to: width, halfPixelCenters)
    var result = HostTensor(uninitialized: .float32, shape: [height, width, channels])
    withUnsafeBytes { source in
      let old = source.bindMemory(to: Float.self)
      result.withUnsafeMutableBytes { target in
        let new = target.bindMemory(to: Float.self)
        var place = 0
        for row in rows {
          let (upper, lower) = (row.first * size.width, row.second * size.width)
          for column in columns {
            for channel in 0..<channels {
              func at(_ line: Int, _ column: Int) -> Float { old[(line + column) * channels + channel] }
              let top = at(upper, column.first) * (1 - column.share) + at(upper, column.second) * column.share
              let bottom = at(lower, column.first) * (1 - column.share) + at(lower, column.second) * column.share
              new[place] = top * (1 - row.share) + bottom * row.share
              place += 1
            }
          }
        }
      }
    }
    return result
  }

  /// Returns the image with its shorter side `shortSide` long and its longer side in proportion.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image, or empty.
  public func resizedPreservingAspect(shortSide: Int) throws -> HostTensor {
    let size = try imageSize()
    let scale = Double(shortSide) / Double(max(1, min(size.height, size.width)))
    return try resizedBilinear(height: Int(Double(size.height) * scale), width: Int(Double(size.width) * scale))
  }

  /// Returns the part of `height` by `width` in the middle.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image, or smaller than that.
  public func centrallyCropped(height: Int, width: Int) throws -> HostTensor {
    let size = try imageSize()
    return try cropped(top: (size.height - height) / 2, left: (size.width - width) / 2, height: height, width: width)
  }

  /// Returns the part of `height` by `width` whose upper left corner is at this place.
  ///
  /// - Throws: `DatasetError` if this is not a float32 image, or the part is not inside it.
  ///
  /// Source: `tf.image.crop_to_bounding_box`.
  public func cropped(top: Int, left: Int, height: Int, width: Int) throws -> HostTensor {
    let size = try imageSize()
    guard top >= 0, left >= 0, height > 0, width > 0, top + height <= size.height, left + width <= size.width else {
      throw DatasetError(
        "cannot crop \(height) x \(width) at (\(top), \(left)) from an image of \(size.height) x \(size.width)")
    }
    return try window(top: top, left: left, height: height, width: width)
  }

  /// Returns for each new place the two old ones that it lies between, and the share of the second.
  private static func taps(
    from old: Int, to new: Int, _ halfPixelCenters: Bool
  ) -> [(first: Int, second: Int, share: Float)] {
    let scale = Float(old) / Float(new)
    return (0..<new).map { place in
      let exact = halfPixelCenters ? (Float(place) + 0.5) * scale - 0.5 : Float(place) * scale
      let position = max(0, exact)
      let first = min(Int(position), old - 1)
      return (first, min(first + 1, old - 1), position - Float(Int(position)))
    }
  }
}

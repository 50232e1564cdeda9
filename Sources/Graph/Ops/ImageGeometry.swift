/// Cropping, padding and turning images `[H, W, C]` or `[N, H, W, C]` of known height and width.

/// Returns the part of `images` that begins at an offset.
///
/// Source: `tf.image.crop_to_bounding_box`.
public func cropToBoundingBox(
  _ images: Tensor, offsetHeight: Int, offsetWidth: Int, height: Int, width: Int, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  onImages("crop_to_bounding_box", name, images, file, line) { rank, h, w in
    guard offsetHeight >= 0, offsetWidth >= 0, height > 0, width > 0 else {
      return failedTensor("offsets must be >= 0 and extents > 0.", in: images.graph)
    }
    guard offsetHeight + height <= h else {
      return failedTensor("height must be >= target + offset.", in: images.graph)
    }
    guard offsetWidth + width <= w else {
      return failedTensor("width must be >= target + offset.", in: images.graph)
    }
    let isBatch = rank == 4
    return slice(
      images, begin: (isBatch ? [0] : []) + [offsetHeight, offsetWidth, 0],
      size: (isBatch ? [-1] : []) + [height, width, -1])
  }
}

/// Returns `images` with zeros around them, at an offset in a larger frame.
///
/// Source: `tf.image.pad_to_bounding_box`.
public func padToBoundingBox(
  _ images: Tensor, offsetHeight: Int, offsetWidth: Int, height: Int, width: Int, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  onImages("pad_to_bounding_box", name, images, file, line) { rank, h, w in
    let below = height - h - offsetHeight
    let right = width - w - offsetWidth
    guard offsetHeight >= 0, offsetWidth >= 0 else {
      return failedTensor("offset_height and offset_width must be >= 0", in: images.graph)
    }
    guard below >= 0 else { return failedTensor("height must be <= target - offset", in: images.graph) }
    guard right >= 0 else { return failedTensor("width must be <= target - offset", in: images.graph) }
    return pad(
      images, paddings: (rank == 4 ? [(0, 0)] : []) + [(offsetHeight, below), (offsetWidth, right), (0, 0)])
  }
}

/// Returns `images` cut off or padded with zeros evenly on all sides to `height` and `width`.
///
/// An odd pixel is put on, or cut off, below and on the right. Source: `tf.image.resize_with_crop_or_pad`.
public func resizeWithCropOrPad(
  _ images: Tensor, height: Int, width: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  onImages("resize_with_crop_or_pad", name, images, file, line) { _, h, w in
    let cropped = cropToBoundingBox(
      images, offsetHeight: max(h - height, 0) / 2, offsetWidth: max(w - width, 0) / 2, height: min(h, height),
      width: min(w, width))
    return padToBoundingBox(
      cropped, offsetHeight: max(height - h, 0) / 2, offsetWidth: max(width - w, 0) / 2, height: height, width: width)
  }
}

/// Returns the middle of `images`: `fraction` of their height and width.
///
/// Source: `tf.image.central_crop`.
public func centralCrop(
  _ images: Tensor, fraction: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  onImages("central_crop", name, images, file, line) { _, h, w in
    guard fraction > 0, fraction <= 1 else {
      return failedTensor("central_fraction must be within (0, 1]", in: images.graph)
    }
    if fraction == 1 { return images }
    let top = Int((Double(h) - Double(h) * fraction) / 2)
    let left = Int((Double(w) - Double(w) * fraction) / 2)
    return cropToBoundingBox(
      images, offsetHeight: top, offsetWidth: left, height: h - 2 * top, width: w - 2 * left)
  }
}

/// Returns `images` resampled to fit into `height` and `width`, with zeros beside or above and below them.
///
/// Source: `tf.image.resize_with_pad`.
public func resizeWithPad(
  _ images: Tensor, height: Int, width: Int, method: ResizeMethod = .bilinear, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  onImages("resize_image_with_pad", name, images, file, line) { _, h, w in
    guard height > 0, width > 0, h > 0, w > 0 else {
      return failedTensor("resizeWithPad needs extents above 0", in: images.graph)
    }
    let ratio = max(Float(w) / Float(width), Float(h) / Float(height))
    let fitted = (height: Float(h) / ratio, width: Float(w) / ratio)
    let resized = resizeImages(
      images, height: Int(fitted.height), width: Int(fitted.width), method: method,
      geometry: ResizeGeometry(halfPixelCenters: true))
    return padToBoundingBox(
      resized, offsetHeight: max(0, Int(((Float(height) - fitted.height) / 2).rounded(.down))),
      offsetWidth: max(0, Int(((Float(width) - fitted.width) / 2).rounded(.down))), height: height, width: width)
  }
}

/// Returns `images` with left and right exchanged.
///
/// Source: `tf.image.flip_left_right`.
public func flipLeftRight(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("flip_left_right", name, on: [images], file, line) { reverse(images, axes: [-2]) }
}

/// Returns `images` with top and bottom exchanged.
///
/// Source: `tf.image.flip_up_down`.
public func flipUpDown(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("flip_up_down", name, on: [images], file, line) { reverse(images, axes: [-3]) }
}

/// Returns `images` with rows and columns exchanged.
///
/// Source: `tf.image.transpose`.
public func transposeImages(
  _ images: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("transpose", name, on: [images], file, line) {
    transpose(images, order: images.shape.rank == 4 ? [0, 2, 1, 3] : [1, 0, 2])
  }
}

/// Returns `images` turned counter-clockwise by `quarterTurns` right angles.
///
/// Source: `tf.image.rot90`.
public func rotate90(
  _ images: Tensor, quarterTurns: Int = 1, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("rot90", name, on: [images], file, line) {
    switch quarterTurns & 3 {
    case 1: reverse(transposeImages(images), axes: [-3])
    case 2: reverse(images, axes: [-3, -2])
    case 3: transposeImages(reverse(images, axes: [-3]))
    default: identity(images)
    }
  }
}

/// Returns what `body` builds for the rank, height and width of images; a failed tensor if they are not known.
private func onImages(
  _ scope: String, _ name: String?, _ images: Tensor, _ file: StaticString, _ line: Int,
  _ body: (_ rank: Int, _ height: Int, _ width: Int) -> Tensor
) -> Tensor {
  composite(scope, name, on: [images], file, line) {
    guard let rank = images.shape.rank, rank == 3 || rank == 4, let h = images.shape[-3], let w = images.shape[-2]
    else {
      return failedTensor(
        "'images' must have either 3 or 4 dimensions, and a known height and width; got \(images.shape)",
        in: images.graph)
    }
    return body(rank, h, w)
  }
}

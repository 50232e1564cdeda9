/// Changes of the colours of images `[…, H, W, C]`, by a number or by a scalar tensor.

/// Returns `images` with `delta` added, which is a part of the range of their type: 0.1 adds 25.5 to uint8.
///
/// Source: `tf.image.adjust_brightness`.
public func adjustBrightness(
  _ images: Tensor, delta: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_brightness", name, on: [images], file, line) {
    throughFloat(images) { $0 + delta }
  }
}

/// Returns `images` with `delta`, a scalar, added, which is a part of the range of their type.
///
/// Source: `tf.image.adjust_brightness`.
public func adjustBrightness(
  _ images: Tensor, delta: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_brightness", name, on: [images, delta], file, line) {
    throughFloat(images) { $0 + cast(delta, to: $0.dataType) }
  }
}

/// Returns `images` with the distances from the mean of each channel multiplied by `factor`.
///
/// Source: `tf.image.adjust_contrast`.
public func adjustContrast(
  _ images: Tensor, factor: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_contrast", name, on: [images], file, line) { withContrast(images) { $0 * factor } }
}

/// Returns `images` with the distances from the mean of each channel multiplied by `factor`, a scalar.
///
/// Source: `tf.image.adjust_contrast`.
public func adjustContrast(
  _ images: Tensor, factor: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_contrast", name, on: [images, factor], file, line) {
    withContrast(images) { $0 * cast(factor, to: $0.dataType) }
  }
}

private func withContrast(_ images: Tensor, _ scaled: (Tensor) -> Tensor) -> Tensor {
  throughFloat(images) {
    let mean = reduceMean($0, axes: [-3, -2], keepDims: true)
    return scaled($0 - mean) + mean
  }
}

/// Returns `images` with the saturation of each colour multiplied by `factor`.
///
/// Source: `tf.image.adjust_saturation`.
public func adjustSaturation(
  _ images: Tensor, factor: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_saturation", name, on: [images], file, line) { withSaturation(images) { $0 * factor } }
}

/// Returns `images` with the saturation of each colour multiplied by `factor`, a scalar.
///
/// Source: `tf.image.adjust_saturation`.
public func adjustSaturation(
  _ images: Tensor, factor: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_saturation", name, on: [images, factor], file, line) {
    withSaturation(images) { $0 * cast(factor, to: $0.dataType) }
  }
}

private func withSaturation(_ images: Tensor, _ scaled: (Tensor) -> Tensor) -> Tensor {
  throughFloat(images) {
    let parts = split(rgbToHSV($0), count: 3, axis: -1)
    let saturation = clipByValue(scaled(parts[1]), minimum: 0, maximum: 1)
    return hsvToRGB(concat([parts[0], saturation, parts[2]], axis: -1))
  }
}

/// Returns `images` with `delta`, from -1 to 1, added to the hue of each colour, around the colour circle.
///
/// Source: `tf.image.adjust_hue`.
public func adjustHue(
  _ images: Tensor, delta: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_hue", name, on: [images], file, line) { withHue(images) { $0 + delta } }
}

/// Returns `images` with `delta`, a scalar from -1 to 1, added to the hue of each colour, around the colour circle.
///
/// Source: `tf.image.adjust_hue`.
public func adjustHue(
  _ images: Tensor, delta: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("adjust_hue", name, on: [images, delta], file, line) {
    withHue(images) { $0 + cast(delta, to: $0.dataType) }
  }
}

private func withHue(_ images: Tensor, _ moved: (Tensor) -> Tensor) -> Tensor {
  throughFloat(images) {
    let parts = split(rgbToHSV($0), count: 3, axis: -1)
    let hue = moved(parts[0])
    return hsvToRGB(concat([hue - floor(hue), parts[1], parts[2]], axis: -1))
  }
}

/// Returns `images` to the power of `gamma`, times `gain`, as numbers from 0 to 1.
///
/// Source: `tf.image.adjust_gamma`.
public func adjustGamma(
  _ images: Tensor, gamma: Double = 1, gain: Double = 1, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("adjust_gamma", name, on: [images], file, line) {
    guard gamma >= 0 else { return failedTensor("Gamma should be a non-negative real number.", in: images.graph) }
    return throughFloat(images) { pow($0, constant(number: gamma, like: $0, name: "gamma")) * gain }
  }
}

/// Returns what `body` makes of images as floating-point numbers, in their own type again.
func throughFloat(_ images: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
  let isFloat = images.dataType == .float32 || images.dataType == .float64
  let result = body(isFloat ? images : convertImageDataType(images, to: .float32))
  return isFloat ? result : convertImageDataType(result, to: images.dataType, saturate: true)
}

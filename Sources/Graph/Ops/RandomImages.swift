/// Changes of images that chance decides anew in each run.

/// Returns `images` with left and right exchanged in half of the cases; of a batch, each image for itself.
///
/// Source: `tf.image.random_flip_left_right`.
public func randomFlipLeftRight(
  _ images: Tensor, seed: Int? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  randomlyFlipped("random_flip_left_right", images, axis: -2, seed, name, file, line)
}

/// Returns `images` with top and bottom exchanged in half of the cases; of a batch, each image for itself.
///
/// Source: `tf.image.random_flip_up_down`.
public func randomFlipUpDown(
  _ images: Tensor, seed: Int? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  randomlyFlipped("random_flip_up_down", images, axis: -3, seed, name, file, line)
}

private func randomlyFlipped(
  _ scope: String, _ images: Tensor, axis: Int, _ seed: Int?, _ name: String?, _ file: StaticString, _ line: Int
) -> Tensor {
  composite(scope, name, on: [images], file, line) {
    guard let rank = images.shape.rank, rank == 3 || rank == 4 else {
      return failedTensor("'image' (shape \(images.shape)) must have either 3 or 4 dimensions.", in: images.graph)
    }
    let flipped = reverse(images, axes: [axis])
    func half(_ x: Tensor) -> Tensor { constant(number: 0.5, like: x, name: "half") }
    if rank == 3 {
      let drawn = randomUniform([], seed: seed)
      return select(less(drawn, half(drawn)), flipped, images)
    }
    // TensorFlow rounds for batches: it flips where the number is large.
    let drawn = randomUniform(
      concat([shape(images)[.range(0, 1)], constant([1, 1, 1] as [Int32])], axis: 0), seed: seed)
    return select(greater(drawn, half(drawn)), flipped, images)
  }
}

/// Returns `images` with a number from [-`maxDelta`, `maxDelta`) added, a part of the range of their type.
///
/// Source: `tf.image.random_brightness`.
public func randomBrightness(
  _ images: Tensor, maxDelta: Double, seed: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  drawing(images, from: -maxDelta, to: maxDelta, seed, file, line) { images, delta in
    guard maxDelta >= 0 else { return failedTensor("max_delta must be non-negative.", in: images.graph) }
    return adjustBrightness(images, delta: delta)
  }
}

/// Returns `images` with the hue of each colour moved by a number from [-`maxDelta`, `maxDelta`), at most 0.5.
///
/// Source: `tf.image.random_hue`.
public func randomHue(
  _ images: Tensor, maxDelta: Double, seed: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  drawing(images, from: -maxDelta, to: maxDelta, seed, file, line) { images, delta in
    guard maxDelta <= 0.5 else { return failedTensor("max_delta must be <= 0.5.", in: images.graph) }
    guard maxDelta >= 0 else { return failedTensor("max_delta must be non-negative.", in: images.graph) }
    return adjustHue(images, delta: delta)
  }
}

/// Returns `images` with their contrast multiplied by a number from [`lower`, `upper`).
///
/// Source: `tf.image.random_contrast`.
public func randomContrast(
  _ images: Tensor, lower: Double, upper: Double, seed: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  drawing(images, from: lower, to: upper, seed, file, line) { images, factor in
    refusal(lower, upper, images) ?? adjustContrast(images, factor: factor)
  }
}

/// Returns `images` with the saturation of each colour multiplied by a number from [`lower`, `upper`).
///
/// Source: `tf.image.random_saturation`.
public func randomSaturation(
  _ images: Tensor, lower: Double, upper: Double, seed: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  drawing(images, from: lower, to: upper, seed, file, line) { images, factor in
    refusal(lower, upper, images) ?? adjustSaturation(images, factor: factor)
  }
}

/// Returns an image as a JPEG file of a quality from [`minimum`, `maximum`) has it.
///
/// Source: `tf.image.random_jpeg_quality`.
public func randomJpegQuality(
  _ image: Tensor, minimum: Int, maximum: Int, seed: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  drawing(image, from: Double(minimum), to: Double(maximum), seed, file, line) { image, quality in
    guard minimum >= 0, maximum <= 100 else {
      return failedTensor("jpeg encoding range must be between 0 and 100.", in: image.graph)
    }
    guard minimum < maximum else {
      return failedTensor("`min_jpeg_quality` must be less than `max_jpeg_quality`.", in: image.graph)
    }
    // A number close to the upper end can be rounded up to it.
    let whole = EspalierGraph.minimum(cast(quality, to: .int32), constant(index: maximum - 1, name: "most"))
    return adjustJpegQuality(image, quality: whole)
  }
}

private func refusal(_ lower: Double, _ upper: Double, _ images: Tensor) -> Tensor? {
  if upper <= lower { return failedTensor("upper must be > lower.", in: images.graph) }
  return lower < 0 ? failedTensor("lower must be non-negative.", in: images.graph) : nil
}

/// Returns what `body` builds of images and a random scalar.
private func drawing(
  _ images: Tensor, from lower: Double, to upper: Double, _ seed: Int?, _ file: StaticString, _ line: Int,
  _ body: (Tensor, Tensor) -> Tensor
) -> Tensor {
  BuildContext.at(file, line) {
    if images.isPoisoned { return images }
    return body(images, randomUniform([], minimum: lower, maximum: upper, seed: seed))
  }
}

/// Returns a block of `x` with the extents `size`, at a random place.
///
/// Source: `tf.image.random_crop`.
public func randomCrop(
  _ x: Tensor, size: [Int], seed: Int? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("random_crop", name, on: [x], file, line) {
    guard let extents = x.shape.known, extents.count == size.count, zip(size, extents).allSatisfy({ $0 <= $1 }) else {
      return failedTensor("Need value.shape >= size, got \(x.shape) and \(Shape(size))", in: x.graph)
    }
    let limits = constant(zip(extents, size).map { Float($0 - $1 + 1) }, name: "limit")
    let drawn = floor(randomUniform([size.count], seed: seed) * limits)
    // A number close to 1 can be rounded up.
    let offsets = cast(minimum(drawn, limits - 1), to: .int32)
    return size.indices.filter { size[$0] < extents[$0] }.reduce(x) { cropped, axis in
      let places = constant((0..<size[axis]).map(Int32.init(truncatingIfNeeded:)), name: "places")
      return gather(cropped, indices: places + offsets[axis], axis: axis)
    }
  }
}

import EspalierGraph

extension ImagenetPreprocessing {
  /// Returns the middle of an image in the size of the network with the means subtracted: what `preprocess` makes of it
  /// in evaluation, as a part of a graph.
  ///
  /// - Parameters:
  ///   - image: uint8 `[H, W, C]` of any size.
  ///   - size: Rows and columns of the result.
  public static func preprocess(decoded image: Tensor, size: Int) -> Tensor {
    let extents = cast(shape(image), to: .float64)[.range(0, 2)]
    let scale = Double(max(size, shortSide * size / 224)) / reduceMin(extents)
    let scaled = cast(extents * scale, to: .int32)
    let resized = apply(ResizeBilinear(ResizeGeometry()), expandDims(cast(image, to: .float32), axis: 0), scaled)
    let corner = floorDiv(scaled - Double(size), constant(Int32(2)))
    let begin = concat([constant([Int32(0)]), corner, constant([Int32(0)])], axis: 0)
    let middle = slice(
      resized, begin: begin, size: constant([1, Int32(size), Int32(size), Int32(channelMeans.count)]))
    return reshape(middle, to: [size, size, channelMeans.count]) - constant(channelMeans)
  }
}

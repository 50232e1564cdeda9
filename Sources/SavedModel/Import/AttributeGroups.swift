import EspalierGraph

/// Attributes that belong together.
extension NodeAttributes {
  func dataFormat() throws(GraphError) -> DataFormat {
    let name = try string("data_format", "NHWC")
    guard let format = DataFormat(rawValue: name) else { throw GraphError("data format \(name) is not known here") }
    return format
  }

  /// Returns a number that says how many outputs a node has.
  func count(_ name: String) throws(GraphError) -> Int {
    let count = try int(name)
    guard (0...10_000).contains(count) else { throw GraphError("attribute \(name) is \(count)") }
    return count
  }

  /// Returns the case of an enumeration that a word stands for.
  func named<Name: RawRepresentable<String>>(_ name: String, _ fallback: Name? = nil) throws(GraphError) -> Name {
    let word = try string(name, fallback?.rawValue)
    guard let value = Name(rawValue: word) else { throw GraphError("attribute \(name): \(word) is not known here") }
    return value
  }

  func blockSize() throws(GraphError) -> Int {
    guard try dataFormat() == .nhwc else { throw GraphError("only NHWC is known here") }
    let size = try int("block_size")
    guard (1...1 << 20).contains(size) else { throw GraphError("attribute block_size is \(size)") }
    return size
  }

  func resizing() throws(GraphError) -> ResizeGeometry {
    ResizeGeometry(
      alignCorners: try bool("align_corners", false), halfPixelCenters: try bool("half_pixel_centers", false))
  }

  func sliceMasks() throws(GraphError) -> SliceMasks {
    var masks = SliceMasks()
    masks.begin = try int("begin_mask", 0)
    masks.end = try int("end_mask", 0)
    masks.ellipsis = try int("ellipsis_mask", 0)
    masks.newAxis = try int("new_axis_mask", 0)
    masks.shrinkAxis = try int("shrink_axis_mask", 0)
    return masks
  }

  func convolution() throws(GraphError) -> ConvolutionWindow {
    let format = try dataFormat()
    return ConvolutionWindow(
      strides: try size("strides", format), padding: try padding(format), dataFormat: format,
      dilations: try size("dilations", format, [1, 1, 1, 1]))
  }

  func pooling() throws(GraphError) -> PoolingWindow {
    let format = try dataFormat()
    return PoolingWindow(
      size: try size("ksize", format), strides: try size("strides", format), padding: try padding(format),
      dataFormat: format)
  }

  func batchNorm() throws(GraphError) -> FusedBatchNorm {
    let isTraining = try bool("is_training", true)
    guard try float("exponential_avg_factor", 1) == 1 || !isTraining else {
      throw GraphError("attribute exponential_avg_factor is not 1")
    }
    return FusedBatchNorm(
      epsilon: try float("epsilon", 1e-4), isTraining: isTraining, dataFormat: try dataFormat())
  }

  func batchMatMul() throws(GraphError) -> BatchMatMulV2 {
    BatchMatMulV2(adjointA: try bool("adj_x", false), adjointB: try bool("adj_y", false))
  }

  /// Returns the numbers for rows and columns of four that are for the axes of images.
  private func size(_ name: String, _ format: DataFormat, _ fallback: [Int] = []) throws(GraphError) -> Size2D {
    let numbers = try ints(name, fallback)
    guard numbers.count == 4, numbers.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw GraphError("attribute \(name) is \(numbers)")
    }
    let extents = format.extents(of: Shape(numbers))
    guard extents.n == 1, extents.c == 1, let height = extents.h, let width = extents.w else {
      throw GraphError("attribute \(name) is \(numbers): images and channels can only have 1")
    }
    return Size2D(height, width)
  }

  private func padding(_ format: DataFormat) throws(GraphError) -> Padding {
    let borders = try ints("explicit_paddings")
    switch try string("padding") {
    case "SAME": return .same
    case "VALID": return .valid
    case "EXPLICIT":
      guard borders.count == 8, borders.allSatisfy({ (0...1 << 20).contains($0) }) else {
        throw GraphError("attribute explicit_paddings is \(borders)")
      }
      let pairs = format == .nhwc ? borders[2..<6] : borders[4..<8]
      guard borders.reduce(0, +) == pairs.reduce(0, +) else {
        throw GraphError("attribute explicit_paddings is \(borders): only rows and columns can be padded")
      }
      let start = pairs.startIndex
      return .explicit(top: pairs[start], bottom: pairs[start + 1], left: pairs[start + 2], right: pairs[start + 3])
    case let other: throw GraphError("attribute padding is \(other)")
    }
  }
}

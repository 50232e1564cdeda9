/// Two numbers for the two axes of images.
public struct Size2D: Hashable, Sendable {
  /// Along the rows of an image, from the top.
  public let height: Int
  /// Along a row, from the left.
  public let width: Int

  /// Returns a pair of numbers.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
}

/// How images are padded where a window reaches beyond them.
public enum Padding: Hashable, Sendable {
  /// So that ⌈extent / stride⌉ windows fit; what is odd goes to the bottom and the right.
  case same
  /// Not at all: windows lie inside the image.
  case valid
  /// By these numbers of pixels.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)

  /// TensorFlow's word for it.
  package var tfName: String {
    switch self {
    case .same: "SAME"
    case .valid: "VALID"
    case .explicit: "EXPLICIT"
    }
  }
}

/// The order of the axes of a batch of images.
public enum DataFormat: String, Hashable, Sendable {
  /// Images, rows, columns, channels: channels are next to each other in memory.
  case nhwc = "NHWC"
  /// Images, channels, rows, columns.
  case nchw = "NCHW"

  /// The axis of the channels of a tensor of this rank, counted from the end for `nhwc`.
  package var channelAxis: Int { self == .nhwc ? -1 : 1 }

  /// Returns what belongs to images, rows, columns and channels in the order of this format.
  public func ordered<Value>(_ n: Value, _ h: Value, _ w: Value, _ c: Value) -> [Value] {
    self == .nhwc ? [n, h, w, c] : [n, c, h, w]
  }

  /// Returns a pair as TensorFlow's attributes spell it, with ones for images and channels.
  package func attribute(_ size: Size2D) -> AttributeValue { .ints(ordered(1, size.height, size.width, 1)) }

  /// Returns images, rows, columns and channels of a shape of rank 4.
  package func extents(of shape: Shape) -> (n: Int?, h: Int?, w: Int?, c: Int?) {
    self == .nhwc ? (shape[0], shape[1], shape[2], shape[3]) : (shape[0], shape[2], shape[3], shape[1])
  }
}

/// A window that moves along one axis of an image.
package struct WindowAxis {
  private enum Border {
    case same
    case fixed(before: Int, after: Int)
  }

  /// The number of taps.
  package let size: Int
  /// The distance of neighbouring windows.
  package let stride: Int
  /// The distance of neighbouring taps.
  package let dilation: Int
  private let border: Border

  private init(size: Int, stride: Int, dilation: Int, border: Border) {
    self.size = size
    self.stride = stride
    self.dilation = dilation
    self.border = border
  }

  static func rows(_ size: Int, stride: Size2D, dilation: Size2D, _ padding: Padding) -> WindowAxis {
    let border: Border =
      switch padding {
      case .same: .same
      case .valid: .fixed(before: 0, after: 0)
      case .explicit(let top, let bottom, _, _): .fixed(before: top, after: bottom)
      }
    return WindowAxis(size: size, stride: stride.height, dilation: dilation.height, border: border)
  }

  static func columns(_ size: Int, stride: Size2D, dilation: Size2D, _ padding: Padding) -> WindowAxis {
    let border: Border =
      switch padding {
      case .same: .same
      case .valid: .fixed(before: 0, after: 0)
      case .explicit(_, _, let left, let right): .fixed(before: left, after: right)
      }
    return WindowAxis(size: size, stride: stride.width, dilation: dilation.width, border: border)
  }

  /// The extent from the first tap to the last.
  private var reach: Int { (size - 1) * dilation + 1 }

  /// Returns the number of windows on an axis of this extent.
  ///
  /// - Throws: `GraphError` if the window does not fit, or one of its numbers is not positive.
  package func count(over extent: Int) throws(GraphError) -> Int {
    try check()
    switch border {
    case .same: return (extent + stride - 1) / stride
    case .fixed(let before, let after):
      let padded = extent + before + after
      guard padded >= reach else {
        throw GraphError("Negative dimension size caused by subtracting \(reach) from \(padded)")
      }
      return (padded - reach) / stride + 1
    }
  }

  private func check() throws(GraphError) {
    guard stride > 0 else { throw GraphError("Stride must be > 0, but got \(stride)") }
    guard dilation > 0 else { throw GraphError("Dilation rate must be >= 1, but got \(dilation)") }
    guard size > 0 else { throw GraphError("Window size must be > 0, but got \(size)") }
    if case .fixed(let before, let after) = border, before < 0 || after < 0 {
      throw GraphError("All elements of explicit_paddings must be nonnegative")
    }
  }

  /// Returns by how many pixels an axis of this extent is padded at its start.
  package func paddingBefore(_ extent: Int) -> Int {
    switch border {
    case .fixed(let before, _): return before
    case .same:
      let windows = (extent + stride - 1) / stride
      return max((windows - 1) * stride + reach - extent, 0) / 2
    }
  }
}

extension Padding {
  /// The attributes that stand for it in TensorFlow.
  package func attributes(_ format: DataFormat) -> [String: AttributeValue] {
    guard case .explicit(let top, let bottom, let left, let right) = self else { return ["padding": .string(tfName)] }
    let pairs = format.ordered([0, 0], [top, bottom], [left, right], [0, 0])
    return ["padding": .string(tfName), "explicit_paddings": .ints(pairs.flatMap { $0 })]
  }
}

/// How a convolution moves its filter over images.
public struct ConvolutionWindow: Hashable, Sendable {
  /// The distance of neighbouring windows.
  public let strides: Size2D
  /// What stands around the images.
  public let padding: Padding
  /// The distance of neighbouring taps of the filter.
  public let dilations: Size2D
  /// The order of the axes of images; filters are always `[KH, KW, C, K]`.
  public let dataFormat: DataFormat

  /// Returns the window with these properties.
  public init(
    strides: Size2D = Size2D(1, 1), padding: Padding = .same, dataFormat: DataFormat = .nhwc,
    dilations: Size2D = Size2D(1, 1)
  ) {
    self.strides = strides
    self.padding = padding
    self.dataFormat = dataFormat
    self.dilations = dilations
  }

  package var attributes: [String: AttributeValue] {
    let own: [String: AttributeValue] = [
      "strides": dataFormat.attribute(strides), "dilations": dataFormat.attribute(dilations),
      "data_format": .string(dataFormat.rawValue),
    ]
    return own.merging(padding.attributes(dataFormat)) { first, _ in first }
  }

  /// The same window over images in NHWC order.
  package var channelsLast: ConvolutionWindow {
    ConvolutionWindow(strides: strides, padding: padding, dataFormat: .nhwc, dilations: dilations)
  }

  package func rows(_ size: Int) -> WindowAxis { .rows(size, stride: strides, dilation: dilations, padding) }
  package func columns(_ size: Int) -> WindowAxis { .columns(size, stride: strides, dilation: dilations, padding) }

  /// Returns the shape of what a filter of `height` × `width` makes of images, with `channels`.
  package func outputShape(_ images: Shape, height: Int?, width: Int?, channels: Int?) throws(GraphError) -> Shape {
    let (n, h, w, _) = dataFormat.extents(of: images)
    return try Shape(
      dataFormat.ordered(
        n, count(height.map(rows), over: h), count(width.map(columns), over: w), channels))
  }
}

/// How pooling moves its window over images.
public struct PoolingWindow: Hashable, Sendable {
  /// The extents of the window.
  public let size: Size2D
  /// The distance of neighbouring windows.
  public let strides: Size2D
  /// What stands around the images; it never counts.
  public let padding: Padding
  /// The order of the axes.
  public let dataFormat: DataFormat

  /// Returns the window with these properties.
  public init(size: Size2D, strides: Size2D, padding: Padding = .valid, dataFormat: DataFormat = .nhwc) {
    self.size = size
    self.strides = strides
    self.padding = padding
    self.dataFormat = dataFormat
  }

  package var attributes: [String: AttributeValue] {
    let own: [String: AttributeValue] = [
      "ksize": dataFormat.attribute(size), "strides": dataFormat.attribute(strides),
      "data_format": .string(dataFormat.rawValue),
    ]
    return own.merging(padding.attributes(dataFormat)) { first, _ in first }
  }

  /// The same window over images in NHWC order.
  package var channelsLast: PoolingWindow {
    PoolingWindow(size: size, strides: strides, padding: padding, dataFormat: .nhwc)
  }

  package var rows: WindowAxis { .rows(size.height, stride: strides, dilation: Size2D(1, 1), padding) }
  package var columns: WindowAxis { .columns(size.width, stride: strides, dilation: Size2D(1, 1), padding) }

  package func outputShape(_ images: Shape) throws(GraphError) -> Shape {
    let (n, h, w, c) = dataFormat.extents(of: images)
    return try Shape(dataFormat.ordered(n, count(rows, over: h), count(columns, over: w), c))
  }
}

/// Returns the number of windows on an axis, nil unless both are known.
private func count(_ axis: WindowAxis?, over extent: Int?) throws(GraphError) -> Int? {
  guard let axis, let extent else { return nil }
  return try axis.count(over: extent)
}

extension Operation {
  /// Throws unless both extents are equal or one is unknown.
  package func expectEqual(_ a: Int?, _ b: Int?) throws(GraphError) {
    guard let a, let b, a != b else { return }
    throw GraphError("Dimensions must be equal, but are \(a) and \(b)")
  }

  /// Returns the shape that an integer vector of four extents names.
  package func sizes(_ input: TensorType) throws(GraphError) -> Shape {
    try expect(input, isOneOf: [.int32, .int64], "input_sizes")
    try expectRank(1, input)
    guard let extents = input.value else { return .unknown(rank: 4) }
    guard extents.count == 4 else {
      throw GraphError("Conv2D requires input_sizes to contain 4 values, but got: \(extents.count)")
    }
    return Shape(extents)
  }
}

extension DataType {
  /// The element types that convolutions, pooling and normalisation compute in.
  package static let computedFloats: Set<DataType> = [.float32, .float64]
}

import EspalierData
import EspalierGraph

/// A part of an image, in shares of its height and width.
public struct BoundingBox: Hashable, Sendable {
  public var top: Double
  public var left: Double
  public var bottom: Double
  public var right: Double

  /// Returns a part.
  public init(top: Double, left: Double, bottom: Double, right: Double) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// All of an image.
  public static let whole = BoundingBox(top: 0, left: 0, bottom: 1, right: 1)
}

/// How photographs become images of one size.
///
/// Source: `official/resnet/imagenet_preprocessing.py`.
public enum ImagenetPreprocessing {
  /// The means of red, green and blue, which are subtracted.
  public static let channelMeans: [Float] = [123.68, 116.78, 103.94]
  /// The length of the shorter side before the middle is cut out.
  public static let shortSide = 256

  /// Returns an image of `size` by `size` with the means subtracted.
  ///
  /// For training it is a random part, perhaps flipped; otherwise the middle.
  public static func preprocess(
    _ image: HostTensor, boxes: [BoundingBox] = [], size: Int, isTraining: Bool,
    using random: inout some RandomNumberGenerator
  ) throws -> HostTensor {
    guard image.shape.count == 3, image.shape[2] == channelMeans.count else {
      throw ResNetError("\(image.type) is not an image of \(channelMeans.count) channels")
    }
    guard isTraining else {
      let scaled = try image.resizedPreservingAspect(shortSide: max(size, shortSide * size / 224))
      return try subtractingMeans(scaled.centrallyCropped(height: size, width: size))
    }
    let part = distortedPart(height: image.shape[0], width: image.shape[1], boxes: boxes, using: &random)
    let cropped = try image.cropped(top: part.top, left: part.left, height: part.height, width: part.width)
      .randomlyFlippedLeftRight(using: &random)
    return try subtractingMeans(cropped.resizedBilinear(height: size, width: size))
  }

  /// Returns the image without the means of its channels.
  public static func subtractingMeans(_ image: HostTensor) throws -> HostTensor {
    let count = channelMeans.count
    let values = try image.scalars(as: Float.self).enumerated().map { $1 - channelMeans[$0 % count] }
    return try HostTensor(values, shape: image.shape)
  }

  /// Returns a random part of an image that holds at least a share of one of the boxes; all of it if none is found.
  ///
  /// - Parameters:
  ///   - minimumCovered: The share of a box that must be inside.
  ///   - aspectRatios: Width over height of the part.
  ///   - areas: The part's share of the image.
  ///
  /// Source: `tf.image.sample_distorted_bounding_box`.
  public static func distortedPart(
    height: Int, width: Int, boxes: [BoundingBox], minimumCovered: Double = 0.1,
    aspectRatios: ClosedRange<Double> = 0.75...1.33, areas: ClosedRange<Double> = 0.05...1, attempts: Int = 100,
    using random: inout some RandomNumberGenerator
  ) -> (top: Int, left: Int, height: Int, width: Int) {
    let wanted = boxes.isEmpty ? [.whole] : boxes
    for _ in 0..<attempts {
      let ratio = Double.random(in: aspectRatios, using: &random)
      // The heights whose areas are in range, with the width inside the image.
      let whole = Double(height * width)
      let least = (areas.lowerBound * whole / ratio).squareRoot().rounded(.up)
      let most = min((areas.upperBound * whole / ratio).squareRoot(), Double(height), (Double(width) + 0.5) / ratio)
      guard least <= most, least >= 1 else { continue }
      let partHeight = Int.random(in: Int(least)...Int(most), using: &random)
      let partWidth = min(width, Int((Double(partHeight) * ratio).rounded()))
      guard partWidth > 0 else { continue }
      let top = Int.random(in: 0...height - partHeight, using: &random)
      let left = Int.random(in: 0...width - partWidth, using: &random)
      let part = (top: top, left: left, height: partHeight, width: partWidth)
      if wanted.contains(where: { covered($0, by: part, height, width) >= minimumCovered }) { return part }
    }
    return (0, 0, height, width)
  }

  /// Returns the share of a box that is inside a part.
  private static func covered(
    _ box: BoundingBox, by part: (top: Int, left: Int, height: Int, width: Int), _ height: Int, _ width: Int
  ) -> Double {
    let (top, bottom) = (box.top * Double(height), box.bottom * Double(height))
    let (left, right) = (box.left * Double(width), box.right * Double(width))
    let area = (bottom - top) * (right - left)
    guard area > 0 else { return 0 }
    let rows = min(bottom, Double(part.top + part.height)) - max(top, Double(part.top))
    let columns = min(right, Double(part.left + part.width)) - max(left, Double(part.left))
    return rows > 0 && columns > 0 ? rows * columns / area : 0
  }
}

/// A part of an image, by its edges as shares of the image: 0 is at the top and left, 1 at the bottom and right.
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

/// A part of an image in pixels.
public struct ImagePart: Hashable, Sendable {
  public let top: Int
  public let left: Int
  public let height: Int
  public let width: Int

  /// Returns the share of a box of an image of `imageHeight` by `imageWidth` that is inside the part.
  func covered(_ box: BoundingBox, _ imageHeight: Int, _ imageWidth: Int) -> Double {
    let (boxTop, boxBottom) = (box.top * Double(imageHeight), box.bottom * Double(imageHeight))
    let (boxLeft, boxRight) = (box.left * Double(imageWidth), box.right * Double(imageWidth))
    let area = (boxBottom - boxTop) * (boxRight - boxLeft)
    guard area > 0 else { return 0 }
    let rows = min(boxBottom, Double(top + height)) - max(boxTop, Double(top))
    let columns = min(boxRight, Double(left + width)) - max(boxLeft, Double(left))
    return rows > 0 && columns > 0 ? rows * columns / area : 0
  }
}

/// How parts of images are drawn that hold something of given boxes: what networks for ImageNet are trained on.
///
/// Source: `tf.image.sample_distorted_bounding_box`, whose defaults these are.
public struct DistortedBoundingBox: Hashable, Sendable {
  /// The share of one of the boxes that must be inside.
  public var minObjectCovered = 0.1
  /// Width over height of the part.
  public var aspectRatioRange = 0.75...1.33
  /// The part's share of the image.
  public var areaRange = 0.05...1.0
  /// After how many draws that do not fit all of the image is taken.
  public var maxAttempts = 100

  /// Returns a rule.
  public init(
    minObjectCovered: Double = 0.1, aspectRatioRange: ClosedRange<Double> = 0.75...1.33,
    areaRange: ClosedRange<Double> = 0.05...1, maxAttempts: Int = 100
  ) {
    self.minObjectCovered = minObjectCovered
    self.aspectRatioRange = aspectRatioRange
    self.areaRange = areaRange
    self.maxAttempts = maxAttempts
  }

  /// Returns a random part of an image of `height` by `width`; all of it if none is found. Without boxes, the whole image
  /// is the box.
  public func sample(
    height: Int, width: Int, boxes: [BoundingBox], using random: inout some RandomNumberGenerator
  ) -> ImagePart {
    let wanted = boxes.isEmpty ? [.whole] : boxes
    for _ in 0..<maxAttempts {
      guard let part = draw(height, width, using: &random) else { continue }
      if wanted.contains(where: { part.covered($0, height, width) >= minObjectCovered }) { return part }
    }
    return ImagePart(top: 0, left: 0, height: height, width: width)
  }

  /// Returns a part of a random shape at a random place, or nil if the image has no room for one of the shape.
  private func draw(_ height: Int, _ width: Int, using random: inout some RandomNumberGenerator) -> ImagePart? {
    let ratio = Double.random(in: aspectRatioRange, using: &random)
    // The heights whose areas are in range, with the width inside the image.
    let whole = Double(height) * Double(width)
    let least = (areaRange.lowerBound * whole / ratio).squareRoot().rounded(.up)
    let most = min((areaRange.upperBound * whole / ratio).squareRoot(), Double(height), (Double(width) + 0.5) / ratio)
    guard least <= most, least >= 1 else { return nil }
    let partHeight = Int.random(in: Int(least)...Int(most), using: &random)
    let partWidth = min(width, Int((Double(partHeight) * ratio).rounded()))
    guard partWidth > 0 else { return nil }
    return ImagePart(
      top: Int.random(in: 0...height - partHeight, using: &random),
      left: Int.random(in: 0...width - partWidth, using: &random), height: partHeight, width: partWidth)
  }
}

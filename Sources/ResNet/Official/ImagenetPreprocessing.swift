import EspalierData
import EspalierGraph

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
    let part = DistortedBoundingBox().sample(
      height: image.shape[0], width: image.shape[1], boxes: boxes, using: &random)
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
}

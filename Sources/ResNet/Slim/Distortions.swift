import EspalierData
import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Slim {
  /// Returns an image of `size` by `size` less the means of its colours: distorted for training, else its middle.
  ///
  /// Source: `preprocess_image` of fine-tuning programs for slim.
  public static func preprocess(
    _ image: HostTensor, size: Int = 224, isTraining: Bool, using random: inout some RandomNumberGenerator
  ) throws -> HostTensor {
    let cut = isTraining ? try distorted(image, size: size, using: &random) : try middle(image, size: size)
    return try ImagenetPreprocessing.subtractingMeans(cut)
  }

  /// Returns a random part of an image, `size` by `size`: in half of the cases turned by up to 20 degrees, framed to a
  /// square, resized to `size` + 32, cut, and perhaps flipped.
  ///
  /// - Parameter image: float32 `[H, W, C]`.
  public static func distorted(
    _ image: HostTensor, size: Int, using random: inout some RandomNumberGenerator
  ) throws -> HostTensor {
    var result = try Pixels(image)
    if Bool.random(using: &random) { result = result.turned(byDegrees: Double.random(in: -20...20, using: &random)) }
    return try result.framed(with: 255).resizedNearest(size + 32).tensor()
      .randomlyCropped(height: size, width: size, using: &random)
      .randomlyFlippedLeftRight(using: &random)
  }

  /// Returns the middle of an image that is framed to a square and resized to `size` + 32.
  public static func middle(_ image: HostTensor, size: Int) throws -> HostTensor {
    try Pixels(image).framed(with: 255).resizedNearest(size + 32).tensor().centrallyCropped(height: size, width: size)
  }
}

/// An image whose pixels are moved as a whole.
private struct Pixels {
  let height: Int
  let width: Int
  let channels: Int
  let values: [Float]

  init(_ image: HostTensor) throws {
    guard image.shape.count == 3, image.count > 0 else { throw ResNetError("\(image.type) is not an image [H, W, C]") }
    (height, width, channels) = (image.shape[0], image.shape[1], image.shape[2])
    values = try image.scalars(as: Float.self)
  }

  /// Makes an image whose pixel in each place is the one of `other` that `source` names, or `filling` if there is none.
  private init(
    _ height: Int, _ width: Int, of other: Pixels, filling: Float, _ source: (_ row: Int, _ column: Int) -> (Int, Int)
  ) {
    var values: [Float] = []
    values.reserveCapacity(height * width * other.channels)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = source(row, column)
        if (0..<other.height).contains(y), (0..<other.width).contains(x) {
          let place = (y * other.width + x) * other.channels
          values += other.values[place..<place + other.channels]
        } else {
          values += repeatElement(filling, count: other.channels)
        }
      }
    }
    (self.height, self.width, channels, self.values) = (height, width, other.channels, values)
  }

  /// Returns the image turned about its middle, black where nothing comes from.
  func turned(byDegrees degrees: Double) -> Pixels {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    return Pixels(height, width, of: self, filling: 0) { row, column in
      let (dy, dx) = (Double(row) - middleY, Double(column) - middleX)
      return (Int((middleY + c * dy + s * dx).rounded()), Int((middleX + c * dx - s * dy).rounded()))
    }
  }

  /// Returns the image in the middle of a square.
  func framed(with value: Float) -> Pixels {
    let side = max(height, width)
    let (top, left) = ((side - height) / 2, (side - width) / 2)
    return Pixels(side, side, of: self, filling: value) { ($0 - top, $1 - left) }
  }

  /// Returns the square of this many pixels a side, each the nearest one.
  func resizedNearest(_ side: Int) -> Pixels {
    Pixels(side, side, of: self, filling: 0) { ($0 * height / side, $1 * width / side) }
  }

  func tensor() throws -> HostTensor { try HostTensor(values, shape: [height, width, channels]) }
}

import EspalierGraph

/// Which pixels of an axis each pixel of a resized one is made from, in single precision as in TensorFlow.
///
/// Source: `tensorflow/core/kernels/image/resize_*_op.cc`.
enum ResizeTaps {
  /// A pixel and what it counts.
  struct Tap {
    var place: Int
    var weight: Float
  }

  /// Returns the pixels of the original that one resized pixel covers.
  private static func scale(_ from: Int, _ to: Int, _ geometry: ResizeGeometry) -> Float {
    geometry.alignCorners && to > 1 ? Float(from - 1) / Float(to - 1) : Float(from) / Float(to)
  }

  static func bilinear(_ from: Int, _ to: Int, _ geometry: ResizeGeometry) -> [[Tap]] {
    let scale = scale(from, to, geometry)
    return (0..<to).map { index in
      let place = geometry.halfPixelCenters ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
      let floor = place.rounded(.down)
      let share = place - floor
      return [
        Tap(place: max(Int(floor), 0), weight: 1 - share),
        Tap(place: min(max(Int(place.rounded(.up)), 0), from - 1), weight: share),
      ]
    }
  }

  static func nearest(_ from: Int, _ to: Int, _ geometry: ResizeGeometry) -> [[Tap]] {
    let scale = scale(from, to, geometry)
    return (0..<to).map { index in
      let place = geometry.halfPixelCenters ? (Float(index) + 0.5) * scale : Float(index) * scale
      let rounded = geometry.alignCorners ? place.rounded(.toNearestOrAwayFromZero) : place.rounded(.down)
      return [Tap(place: min(max(Int(rounded), 0), from - 1), weight: 1)]
    }
  }

  static func bicubic(_ from: Int, _ to: Int, _ geometry: ResizeGeometry) -> [[Tap]] {
    let scale = scale(from, to, geometry)
    return (0..<to).map { index in
      let place = geometry.halfPixelCenters ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
      let floor = place.rounded(.down)
      // TensorFlow looks weights up in a table of 1024 steps.
      let step = ((place - floor) * 1024).rounded(.toNearestOrEven) / 1024
      let a: Float = geometry.halfPixelCenters ? -0.5 : -0.75
      let weights = [
        far(a, step + 1), near(a, step), near(a, 1 - step), far(a, 2 - step),
      ]
      let taps = weights.enumerated().map { number, weight in
        let wanted = Int(floor) + number - 1
        let bounded = min(max(wanted, 0), from - 1)
        return Tap(place: bounded, weight: geometry.halfPixelCenters && bounded != wanted ? 0 : weight)
      }
      return geometry.halfPixelCenters ? normalized(taps) : taps
    }
  }

  /// The cubic convolution kernel at a distance up to 1.
  private static func near(_ a: Float, _ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }

  /// The cubic convolution kernel at a distance from 1 to 2.
  private static func far(_ a: Float, _ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }

  private static func normalized(_ taps: [Tap]) -> [Tap] {
    let sum = taps.reduce(0) { $0 + $1.weight }
    guard abs(sum) >= 1000 * Float.leastNormalMagnitude else { return taps }
    return taps.map { Tap(place: $0.place, weight: $0.weight / sum) }
  }

  static func area(_ from: Int, _ to: Int, _ geometry: ResizeGeometry) -> [[Tap]] {
    let scale = scale(from, to, geometry)
    return (0..<to).map { index in
      let (start, end) = (Float(index) * scale, Float(index + 1) * scale)
      return (Int(start)..<max(Int(end.rounded(.up)), Int(start) + 1)).map { place in
        let covered = min(Float(place + 1), end) - max(Float(place), start)
        return Tap(place: min(max(place, 0), from - 1), weight: covered / scale)
      }
    }
  }
}

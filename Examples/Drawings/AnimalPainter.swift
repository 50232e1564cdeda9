import Espalier
import Foundation

/// Draws faces of cats and dogs, no two alike: for trying the program where there are no photographs.
struct AnimalPainter {
  let size: Int

  private typealias Point = (x: Double, y: Double)
  private typealias Color = (red: Double, green: Double, blue: Double)

  /// A part of a face: where it is, in units of half a head, and its colour.
  private struct Part {
    let color: Color
    let contains: (Point) -> Bool

    static func ellipse(_ color: Color, at center: Point, _ width: Double, _ height: Double, tilt: Double = 0) -> Part {
      let (c, s) = (cos(tilt), sin(tilt))
      return Part(color: color) { p in
        let (dx, dy) = (p.x - center.x, p.y - center.y)
        let (u, v) = ((dx * c + dy * s) / width, (dy * c - dx * s) / height)
        return u * u + v * v < 1
      }
    }

    static func triangle(_ color: Color, _ a: Point, _ b: Point, _ c: Point) -> Part {
      func side(_ p: Point, _ a: Point, _ b: Point) -> Bool { (b.x - a.x) * (p.y - a.y) > (b.y - a.y) * (p.x - a.x) }
      return Part(color: color) { p in side(p, a, b) == side(p, b, c) && side(p, b, c) == side(p, c, a) }
    }
  }

  /// Returns the pixels of a face, row by row, red, green and blue: always the same for a number.
  func face(isDog: Bool, number: Int) -> [UInt8] {
    var random = ElementRandom(seed: isDog ? 2 : 1, element: number)
    func between(_ least: Double, _ most: Double) -> Double { Double.random(in: least...most, using: &random) }
    let light = between(0.45, 1)
    let fur: Color = (light, light * between(0.6, 0.95), light * between(0.3, 0.8))
    let ground: Color = (between(0, 1), between(0, 1), between(0, 1))
    let slope: Point = (between(-0.3, 0.3), between(-0.3, 0.3))
    let center: Point = (between(-0.25, 0.25), between(-0.25, 0.25))
    let (scale, tilt, noise) = (between(0.42, 0.62), between(-0.5, 0.5), between(0.02, 0.1))
    let parts = isDog ? dog(fur, between(0.9, 1.3)) : cat(fur, between(0.9, 1.3))
    let (c, s) = (cos(tilt), sin(tilt))
    var pixels: [UInt8] = []
    pixels.reserveCapacity(size * size * 3)
    for row in 0..<size {
      for column in 0..<size {
        let place: Point = (Double(column * 2 - size) / Double(size), Double(row * 2 - size) / Double(size))
        let (dx, dy) = ((place.x - center.x) / scale, (place.y - center.y) / scale)
        let face: Point = (dx * c + dy * s, dy * c - dx * s)
        let shade = place.x * slope.x + place.y * slope.y
        let color = parts.last { $0.contains(face) }?.color ?? ground
        for value in [color.red, color.green, color.blue] {
          pixels.append(UInt8(max(0, min(255, 255 * (value + shade + between(-noise, noise))))))
        }
      }
    }
    return pixels
  }

  private func cat(_ fur: Color, _ ears: Double) -> [Part] {
    let inner: Color = (fur.red, fur.green * 0.7, fur.blue * 0.7)
    let eye: Color = (0.4, 0.75, 0.2)
    var parts: [Part] = []
    for side in [-1.0, 1] {
      parts.append(.triangle(fur, (side * 0.95, -0.35), (side * 0.75, -1.25 * ears), (side * 0.1, -0.75)))
      parts.append(.triangle(inner, (side * 0.8, -0.5), (side * 0.7, -1.05 * ears), (side * 0.3, -0.75)))
    }
    parts.append(.ellipse(fur, at: (0, 0), 1, 0.88))
    for side in [-1.0, 1] {
      parts.append(.ellipse(eye, at: (side * 0.42, -0.15), 0.22, 0.17))
      parts.append(.ellipse((0.05, 0.05, 0.05), at: (side * 0.42, -0.15), 0.06, 0.16))
      for line in [-1.0, 0, 1] {
        parts.append(
          .ellipse((0.95, 0.95, 0.95), at: (side * 0.85, 0.3 + line * 0.12), 0.45, 0.025, tilt: side * line * 0.2))
      }
    }
    return parts + [.triangle((0.9, 0.5, 0.5), (-0.13, 0.15), (0.13, 0.15), (0, 0.32))]
  }

  private func dog(_ fur: Color, _ ears: Double) -> [Part] {
    let dark: Color = (fur.red * 0.55, fur.green * 0.5, fur.blue * 0.5)
    let muzzle: Color = (min(1, fur.red * 1.15), min(1, fur.green * 1.15), min(1, fur.blue * 1.2))
    var parts: [Part] = [.ellipse(fur, at: (0, 0), 0.85, 1)]
    for side in [-1.0, 1] {
      parts.append(.ellipse(dark, at: (side * 0.9, 0.05), 0.28, 0.75 * ears, tilt: -side * 0.15))
      parts.append(.ellipse((0.1, 0.06, 0.03), at: (side * 0.35, -0.25), 0.13, 0.13))
    }
    parts.append(.ellipse(muzzle, at: (0, 0.42), 0.48, 0.5))
    parts.append(.ellipse((0.9, 0.35, 0.4), at: (0, 0.85), 0.16, 0.25))
    return parts + [.ellipse((0.05, 0.05, 0.05), at: (0, 0.2), 0.22, 0.15)]
  }
}

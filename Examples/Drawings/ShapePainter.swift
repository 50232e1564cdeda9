import Espalier
import Foundation

/// Drawings of ten kinds that stand in for CIFAR-10 where its archive is not at hand: a disc, a square, a triangle, a
/// ring, a cross, three directions of stripes, a chessboard and a slope, in random colours, places and noise.
struct ShapePainter {
  static let classCount = 10
  private static let side = 32

  private var random: ElementRandom

  init(seed: UInt64) {
    random = ElementRandom(seed: seed, element: 0)
  }

  /// Returns the 3072 bytes of a drawing of the class: the red, the green and the blue plane.
  mutating func image(ofClass label: Int) -> [UInt8] {
    let shape = Shape(
      label: label, x: .random(in: 11...20, using: &random), y: .random(in: 11...20, using: &random),
      size: .random(in: 5...10, using: &random))
    let colours = contrastingColours()
    var planes = [UInt8](repeating: 0, count: 3 * Self.side * Self.side)
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        let covered = shape.coverage(x: Double(column), y: Double(row))
        for channel in 0..<3 {
          let (paint, paper) = (colours.paint[channel], colours.paper[channel])
          let value = paper + covered * (paint - paper) + .random(in: -40...40, using: &random)
          planes[(channel * Self.side + row) * Self.side + column] = UInt8(min(255, max(0, value)))
        }
      }
    }
    return planes
  }

  /// Returns two colours that are far apart in at least one channel.
  private mutating func contrastingColours() -> (paint: [Double], paper: [Double]) {
    let paper = (0..<3).map { _ in Double.random(in: 0...255, using: &random) }
    var paint = paper.map { min(255, max(0, $0 + .random(in: -60...60, using: &random))) }
    let channel = Int.random(in: 0..<3, using: &random)
    paint[channel] = paper[channel] > 127 ? paper[channel] - 110 : paper[channel] + 110
    return (paint, paper)
  }

  /// What is drawn, and where.
  private struct Shape {
    let label: Int
    let x: Double
    let y: Double
    let size: Double

    /// Returns how much of the pixel the drawing covers, from 0 to 1.
    func coverage(x column: Double, y row: Double) -> Double {
      let dx = column - x
      let dy = row - y
      let distance = (dx * dx + dy * dy).squareRoot()
      let wave = 2 * Double.pi / size
      switch label {
      case 0: return distance < size ? 1 : 0
      case 1: return max(abs(dx), abs(dy)) < size ? 1 : 0
      case 2: return dy > -size && dy < size && abs(dx) < (dy + size) / 2 ? 1 : 0
      case 3: return distance < size && distance > size * 0.6 ? 1 : 0
      case 4: return min(abs(dx), abs(dy)) < size / 4 && max(abs(dx), abs(dy)) < size ? 1 : 0
      case 5: return (1 + sin(wave * row)) / 2
      case 6: return (1 + sin(wave * column)) / 2
      case 7: return (1 + sin(wave * (row + column) / 2.0.squareRoot())) / 2
      case 8: return sin(wave * row) * sin(wave * column) > 0 ? 1 : 0
      default: return (dx + 16) / 32
      }
    }
  }
}

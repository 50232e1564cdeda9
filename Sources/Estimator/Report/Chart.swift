/// A curve of a chart.
struct Curve {
  /// What the legend says.
  let name: String
  /// The points, by step.
  let points: [(step: Int, value: Double)]
  /// Which colour it has: that of its run.
  let kind: Int
  /// Whether single points are worth a mark, as those of evaluations.
  let hasMarks: Bool
}

/// Curves over the global step, as a drawing in SVG.
struct Chart {
  /// What the drawing is called.
  let title: String
  let curves: [Curve]

  private static let width = 640.0
  private static let height = 280.0
  private static let left = 58.0
  private static let right = 16.0
  private static let top = 14.0
  private static let bottom = 34.0
  /// More points than this are thinned out: there are no more pixels.
  private static let maxPoints = 400
  private static let classes = ["train", "eval", "eval2", "eval3"]

  /// Returns the drawing.
  func svg() -> String {
    let all = curves.flatMap(\.points).filter { $0.value.isFinite }
    let x = Axis(all.map { Double($0.step) })
    let y = Axis(all.map(\.value), allowsLogarithm: true)
    var parts = [
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">"
    ]
    parts += grid(x, y)
    for curve in curves { parts += drawing(of: curve, x, y) }
    parts.append("</svg>")
    return parts.joined(separator: "\n")
  }

  private func horizontal(_ axis: Axis, _ value: Double) -> String {
    Text.fixed(Self.left + axis.position(value) * (Self.width - Self.left - Self.right), 1)
  }

  private func vertical(_ axis: Axis, _ value: Double) -> String {
    Text.fixed(Self.height - Self.bottom - axis.position(value) * (Self.height - Self.top - Self.bottom), 1)
  }

  private func grid(_ x: Axis, _ y: Axis) -> [String] {
    var parts: [String] = []
    let end = Text.fixed(Self.width - Self.right, 1)
    for tick in y.ticks {
      let height = vertical(y, tick)
      parts.append("<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(end)\" y1=\"\(height)\" y2=\"\(height)\"/>")
      parts.append("<text class=\"tick y\" x=\"\(Self.left - 8)\" y=\"\(height)\" dy=\"0.32em\">\(y.text(tick))</text>")
    }
    let base = Text.fixed(Self.height - Self.bottom, 1)
    parts.append("<line class=\"axis\" x1=\"\(Self.left)\" x2=\"\(end)\" y1=\"\(base)\" y2=\"\(base)\"/>")
    for tick in x.ticks {
      let place = horizontal(x, tick)
      let depth = Text.fixed(Self.height - Self.bottom + 18, 1)
      parts.append("<text class=\"tick x\" x=\"\(place)\" y=\"\(depth)\">\(x.text(tick))</text>")
    }
    return parts
  }

  private func drawing(of curve: Curve, _ x: Axis, _ y: Axis) -> [String] {
    let kind = Self.kind(curve.kind)
    let points = Self.thinned(curve.points.filter { $0.value.isFinite })
    var parts: [String] = []
    let isNoisy = !curve.hasMarks && points.count > 40
    let path = points.map { "\(horizontal(x, Double($0.step))),\(vertical(y, $0.value))" }.joined(separator: " ")
    if points.count > 1 {
      parts.append("<polyline class=\"curve \(kind)\(isNoisy ? " faint" : "")\" points=\"\(path)\"/>")
    }
    if isNoisy {
      let smooth = Self.smoothed(points)
      let path = smooth.map { "\(horizontal(x, Double($0.step))),\(vertical(y, $0.value))" }.joined(separator: " ")
      parts.append("<polyline class=\"curve \(kind)\" points=\"\(path)\"/>")
    }
    if curve.hasMarks || points.count == 1 {
      for point in points {
        let label = "\(HTML.escaped(curve.name)), step \(point.step): \(Text.general(point.value))"
        parts.append(
          "<circle class=\"mark \(kind)\" cx=\"\(horizontal(x, Double(point.step)))\" "
            + "cy=\"\(vertical(y, point.value))\" r=\"3.5\"><title>\(label)</title></circle>")
      }
    }
    return parts
  }

  /// Returns the class by which the page colours the run of this number.
  static func kind(_ index: Int) -> String { classes[min(index, classes.count - 1)] }

  /// Returns fewer points, of each stretch the least and the greatest.
  private static func thinned(_ points: [(step: Int, value: Double)]) -> [(step: Int, value: Double)] {
    guard points.count > maxPoints else { return points }
    let stretches = maxPoints / 2
    return (0..<stretches).flatMap { index -> [(step: Int, value: Double)] in
      let part = points[points.count * index / stretches..<points.count * (index + 1) / stretches]
      guard let low = part.min(by: { $0.value < $1.value }), let high = part.max(by: { $0.value < $1.value }) else {
        return []
      }
      return low.step == high.step ? [low] : low.step < high.step ? [low, high] : [high, low]
    }
  }

  /// Returns the points as an average that looks back over a twentieth of them.
  private static func smoothed(_ points: [(step: Int, value: Double)]) -> [(step: Int, value: Double)] {
    let decay = 1 - 20 / Double(max(40, points.count))
    var sum = 0.0
    var weight = 0.0
    return points.map { point in
      sum = decay * sum + (1 - decay) * point.value
      weight = decay * weight + (1 - decay)
      return (point.step, sum / weight)
    }
  }
}

/// The numbers along one side of a chart: from where to where, and which of them are written beside it.
struct Axis {
  /// The least and the greatest number.
  let range: ClosedRange<Double>
  /// Whether equal distances are equal factors.
  let isLogarithmic: Bool
  /// The numbers that are written.
  let ticks: [Double]

  /// Returns an axis for these numbers.
  ///
  /// - Parameter allowsLogarithm: Whether positive numbers of very different sizes get a logarithmic axis.
  init(_ values: [Double], allowsLogarithm: Bool = false) {
    let finite = values.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    if allowsLogarithm, low > 0, high / low > 50 {
      let first = Self.log10(low).rounded(.down)
      let last = Self.log10(high).rounded(.up)
      range = Self.power10(first)...Self.power10(last)
      let step = max(1, ((last - first) / 5).rounded(.up))
      ticks = stride(from: first, through: last, by: step).map(Self.power10)
      isLogarithmic = true
      return
    }
    let span = high > low ? high - low : max(abs(high), 1) * 0.2
    let step = Self.niceStep(span / 4)
    let start = high > low ? (low / step).rounded(.down) * step : low - span / 2
    let end = high > low ? (high / step).rounded(.up) * step : high + span / 2
    range = start...max(end, start + step)
    ticks = Array(stride(from: (start / step).rounded(.up) * step, through: end + step / 1000, by: step))
    isLogarithmic = false
  }

  /// Returns where a number lies between 0 and 1.
  func position(_ value: Double) -> Double {
    if isLogarithmic {
      let low = Self.log10(range.lowerBound)
      return (Self.log10(max(value, range.lowerBound)) - low) / (Self.log10(range.upperBound) - low)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// Returns a tick as it is written.
  func text(_ tick: Double) -> String {
    let size = max(abs(range.lowerBound), abs(range.upperBound))
    if abs(tick) < size * 1e-9 { return "0" }
    if size >= 10_000, abs(tick) >= 1000 {
      return size >= 10_000_000 ? Text.general(tick / 1e6) + "M" : Text.general(tick / 1e3) + "k"
    }
    return Text.general(tick)
  }

  /// Returns 1, 2 or 5 times a power of ten, at least `step`.
  private static func niceStep(_ step: Double) -> Double {
    let power = power10(log10(step).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= step * 0.999 { return factor * power }
    return 10 * power
  }

  private static func log10(_ value: Double) -> Double { Math.log10(value) }
  private static func power10(_ exponent: Double) -> Double { Math.pow(10, exponent) }
}

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Functions of the C library under names that do not clash.
private enum Math {
  static func log10(_ value: Double) -> Double { systemLog10(value) }
  static func pow(_ base: Double, _ exponent: Double) -> Double { systemPow(base, exponent) }
}

private func systemLog10(_ value: Double) -> Double { log10(value) }
private func systemPow(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

import EspalierGraph

/// The distribution of many numbers, as TensorBoard shows it.
///
/// Source: `HistogramProto` in `tensorflow/core/framework/summary.proto`,
/// `tensorflow/core/lib/histogram/histogram.cc`.
public struct Histogram: Hashable, Sendable {
  /// The smallest number.
  public var minimum: Double
  /// The largest number.
  public var maximum: Double
  /// How many numbers there are.
  public var count: Double
  /// Their sum.
  public var sum: Double
  /// The sum of their squares.
  public var sumOfSquares: Double
  /// The upper limit of each bucket; bucket i holds numbers from the limit before (included) up to this one.
  public var bucketLimits: [Double]
  /// How many numbers lie in each bucket.
  public var buckets: [Double]

  /// Returns a histogram with everything given.
  public init(
    minimum: Double, maximum: Double, count: Double, sum: Double, sumOfSquares: Double, bucketLimits: [Double],
    buckets: [Double]
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.count = count
    self.sum = sum
    self.sumOfSquares = sumOfSquares
    self.bucketLimits = bucketLimits
    self.buckets = buckets
  }

  /// Returns the histogram of `values` in TensorFlow's default buckets, whose limits grow by 10 % from 1e-12 to 1e20.
  /// Runs of empty buckets are merged into one.
  public init(of values: [Double]) {
    let limits = Self.defaultLimits
    var counts = [Double](repeating: 0, count: limits.count)
    // TensorFlow starts from the last limit and its negative, so that these stay if there are no values.
    var result = Histogram(
      minimum: .greatestFiniteMagnitude, maximum: -.greatestFiniteMagnitude, count: 0, sum: 0, sumOfSquares: 0,
      bucketLimits: [], buckets: [])
    for value in values {
      counts[min(Self.upperBound(limits, value), limits.count - 1)] += 1
      result.minimum = min(result.minimum, value)
      result.maximum = max(result.maximum, value)
      result.sum += value
      result.sumOfSquares += value * value
    }
    result.count = Double(values.count)
    result.merge(counts, limits)
    self = result
  }

  private mutating func merge(_ counts: [Double], _ limits: [Double]) {
    var index = 0
    while index < counts.count {
      let isEmpty = counts[index] == 0
      while isEmpty, index + 1 < counts.count, counts[index + 1] == 0 { index += 1 }
      bucketLimits.append(limits[index])
      buckets.append(counts[index])
      index += 1
    }
  }

  /// Returns the index of the first limit above `value`.
  private static func upperBound(_ limits: [Double], _ value: Double) -> Int {
    var low = 0
    var high = limits.count
    while low < high {
      let middle = (low + high) / 2
      if limits[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static let defaultLimits: [Double] = {
    var positive: [Double] = []
    var limit = 1.0e-12
    while limit < 1.0e20 {
      positive.append(limit)
      limit *= 1.1
    }
    positive.append(.greatestFiniteMagnitude)
    return positive.reversed().map { -$0 } + [0] + positive
  }()
}

extension Histogram {
  init(_ reader: inout WireReader) throws(FormatError) {
    self.init(minimum: 0, maximum: 0, count: 0, sum: 0, sumOfSquares: 0, bucketLimits: [], buckets: [])
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .fixed64): minimum = try reader.double()
      case (2, .fixed64): maximum = try reader.double()
      case (3, .fixed64): count = try reader.double()
      case (4, .fixed64): sum = try reader.double()
      case (5, .fixed64): sumOfSquares = try reader.double()
      case (6, _): if try !reader.appendDoubles(tag, to: &bucketLimits) { try reader.skip(tag) }
      case (7, _): if try !reader.appendDoubles(tag, to: &buckets) { try reader.skip(tag) }
      default: try reader.skip(tag)
      }
    }
  }

  func write(to writer: inout WireWriter) {
    writer.double(1, unlessZero: minimum)
    writer.double(2, unlessZero: maximum)
    writer.double(3, unlessZero: count)
    writer.double(4, unlessZero: sum)
    writer.double(5, unlessZero: sumOfSquares)
    writer.packed(6, bucketLimits)
    writer.packed(7, buckets)
  }
}

import EspalierGraph

extension ScalarSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    Kernel(onValues: "scalar_summary") { values throws(ExecutionError) in
      let (tags, numbers) = try readable { () throws(TensorError) in (try values[0].strings(), try values[1].doubles())
      }
      var summary = SummaryBytes()
      for (tag, number) in zip(tags, numbers) { summary.append(tag: tag, scalar: Float(number)) }
      return [try summary.tensor()]
    }
  }
}

extension HistogramSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    Kernel(onValues: "histogram_summary") { values throws(ExecutionError) in
      let (tags, numbers) = try readable { () throws(TensorError) in (try values[0].strings(), try values[1].doubles())
      }
      let tag = tags.first ?? []
      var histogram = Histogram()
      for number in numbers {
        let name = String(decoding: tag, as: UTF8.self)
        if number.isNaN { throw ExecutionError("Nan in summary histogram for: \(name)") }
        if number.isInfinite { throw ExecutionError("Infinity in summary histogram for: \(name)") }
        histogram.add(number)
      }
      var summary = SummaryBytes()
      summary.append(tag: tag, histogram: histogram)
      return [try summary.tensor()]
    }
  }
}

extension MergeSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    Kernel(onValues: "merge_summary") { values throws(ExecutionError) in
      // Messages one after the other are one message with the repeated fields of both.
      let parts = try readable { () throws(TensorError) in
        var parts: [[UInt8]] = []
        for value in values { parts += try value.strings() }
        return parts
      }
      return [try SummaryBytes(parts.flatMap { $0 }).tensor()]
    }
  }
}

private func readable<Result>(_ body: () throws(TensorError) -> Result) throws(ExecutionError) -> Result {
  do throws(TensorError) { return try body() } catch { throw ExecutionError(error.description) }
}

/// The bytes of a `Summary` message.
///
/// Source: `tensorflow/core/framework/summary.proto`.
private struct SummaryBytes {
  private enum Field {
    static let value: UInt8 = 1
    static let tag: UInt8 = 1
    static let simpleValue: UInt8 = 2
    static let histogram: UInt8 = 5
  }

  private var bytes: [UInt8]

  init(_ bytes: [UInt8] = []) {
    self.bytes = bytes
  }

  func tensor() throws(ExecutionError) -> HostTensor {
    try readable { () throws(TensorError) in try HostTensor(strings: [bytes], shape: []) }
  }

  mutating func append(tag: [UInt8], scalar: Float) {
    append(tag: tag, field: [Field.simpleValue << 3 | 5] + Self.littleEndian(scalar.bitPattern))
  }

  mutating func append(tag: [UInt8], histogram: Histogram) {
    append(tag: tag, field: Self.nested(Field.histogram, histogram.message))
  }

  private mutating func append(tag: [UInt8], field: [UInt8]) {
    bytes += Self.nested(Field.value, Self.nested(Field.tag, tag) + field)
  }

  /// Returns a field of bytes: strings, messages and packed numbers.
  static func nested(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + varint(content.count) + content
  }

  /// Returns a field with a double.
  static func double(_ field: UInt8, _ value: Double) -> [UInt8] {
    [field << 3 | 1] + littleEndian(value.bitPattern)
  }

  static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(value)
    var result: [UInt8] = []
    while rest > 127 {
      result.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}

/// How numbers are distributed, in buckets that grow by a tenth.
///
/// Source: `tensorflow/core/lib/histogram/histogram.cc`.
private struct Histogram {
  private static let limits: [Double] = {
    var positive: [Double] = []
    var limit = 1e-12
    while limit < 1e20 {
      positive.append(limit)
      limit *= 1.1
    }
    positive.append(.greatestFiniteMagnitude)
    return positive.reversed().map { -$0 } + [0] + positive
  }()

  private var least = Double.greatestFiniteMagnitude
  private var greatest = -Double.greatestFiniteMagnitude
  private var count = 0.0
  private var sum = 0.0
  private var sumOfSquares = 0.0
  private var buckets = [Double](repeating: 0, count: limits.count)

  mutating func add(_ value: Double) {
    let bucket = Self.firstLimit(above: value)
    buckets[min(bucket, buckets.count - 1)] += 1
    least = min(least, value)
    greatest = max(greatest, value)
    count += 1
    sum += value
    sumOfSquares += value * value
  }

  private static func firstLimit(above value: Double) -> Int {
    var (low, high) = (0, limits.count)
    while low < high {
      let middle = (low + high) / 2
      if limits[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The bytes of a `HistogramProto`; runs of empty buckets are joined.
  var message: [UInt8] {
    var ends: [Double] = []
    var counts: [Double] = []
    for (limit, count) in zip(Self.limits, buckets) {
      if count == 0, counts.last == 0 {
        ends[ends.count - 1] = limit
      } else {
        ends.append(limit)
        counts.append(count)
      }
    }
    let numbers = [least, greatest, count, sum, sumOfSquares]
    let scalars = zip(UInt8(1)..., numbers).flatMap { SummaryBytes.double($0, $1) }
    let packed = [ends, counts].map { $0.flatMap { SummaryBytes.littleEndian($0.bitPattern) } }
    return scalars + SummaryBytes.nested(6, packed[0]) + SummaryBytes.nested(7, packed[1])
  }
}

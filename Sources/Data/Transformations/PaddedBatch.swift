import EspalierGraph

extension Dataset where Element == Sample {
  /// Returns batches of samples of different sizes, padded at the ends of their axes.
  ///
  /// - Parameters:
  ///   - paddingValue: What fills up numbers; strings are filled up with empty ones.
  ///   - dropsRemainder: Whether a last batch with fewer samples is left out.
  ///
  /// Source: `tf.data.Dataset.padded_batch`, which pads to the largest extents of the batch too if none are given.
  public func paddedBatched(
    _ size: Int, paddingValue: Double = 0, dropsRemainder: Bool = false
  ) -> Dataset<Sample> {
    windowed(Swift.max(1, size), dropsRemainder: dropsRemainder).map { samples in
      try Sample.paddedBatch(of: samples, with: paddingValue)
    }
  }

  /// Returns padded batches of samples that are about equally long.
  ///
  /// - Parameters:
  ///   - length: How long a sample is.
  ///   - boundaries: The lengths at which the next bucket begins, ascending.
  ///   - batchSizes: The sizes of batches of each bucket, one more than there are boundaries.
  ///
  /// Source: `tf.data.Dataset.bucket_by_sequence_length`.
  public func bucketed(
    by length: @escaping @Sendable (Sample) throws -> Int, boundaries: [Int], batchSizes: [Int],
    paddingValue: Double = 0
  ) throws -> Dataset<Sample> {
    guard batchSizes.count == boundaries.count + 1 else {
      throw DatasetError("\(boundaries.count) boundaries need \(boundaries.count + 1) batch sizes")
    }
    return grouped(
      by: { sample in
        let length = try length(sample)
        return boundaries.firstIndex { length < $0 } ?? boundaries.count
      },
      windowSize: { batchSizes[$0] },
      reduce: { _, samples in .elements([try Sample.paddedBatch(of: samples, with: paddingValue)]) })
  }

  /// Returns the examples of batches one by one.
  ///
  /// Source: `tf.data.Dataset.unbatch`.
  public func unbatched() -> Dataset<Sample> { flatMap { try Dataset.slices(of: $0) } }
}

extension Dataset where Element == HostTensor {
  /// Returns the slices of the tensors along their first axes, one by one.
  ///
  /// Source: `tf.data.Dataset.unbatch`.
  public func unbatched() -> Dataset<HostTensor> { flatMap { try Dataset.slices(of: $0) } }
}

extension Sample {
  fileprivate static func paddedBatch(of samples: [Sample], with value: Double) throws -> Sample {
    let rows = samples.map { $0.features.leaves + ($0.labels?.leaves ?? []) }
    guard let first = rows.first, rows.allSatisfy({ $0.count == first.count }) else {
      throw DatasetError("cannot batch samples with different numbers of values")
    }
    let shapes = try first.indices.map { column in try Self.largest(rows.map { $0[column].shape }) }
    func padded(_ sample: Sample) throws -> Sample {
      var column = 0
      func next(_ tensor: HostTensor) throws -> HostTensor {
        defer { column += 1 }
        return try tensor.padded(to: shapes[column], with: value)
      }
      let features = try sample.features.inOrder(next)
      return Sample(features: features, labels: try sample.labels?.inOrder(next))
    }
    return try .batch(of: samples.map(padded))
  }

  private static func largest(_ shapes: [[Int]]) throws -> [Int] {
    guard let first = shapes.first, shapes.allSatisfy({ $0.count == first.count }) else {
      throw DatasetError("cannot batch tensors of different ranks: \(shapes)")
    }
    return first.indices.map { axis in shapes.map { $0[axis] }.max() ?? 0 }
  }
}

extension Structure where Leaf == HostTensor {
  /// Returns what `change` makes of the tensors, which it sees in the order of `leaves`.
  fileprivate func inOrder(_ change: (HostTensor) throws -> HostTensor) throws -> Structure {
    guard let result = filled(with: try leaves.map(change)) else { throw DatasetError("cannot pad nothing") }
    return result
  }
}

extension HostTensor {
  /// Returns the tensor with `value` after the ends of its axes, up to these extents.
  fileprivate func padded(to extents: [Int], with value: Double) throws -> HostTensor {
    if shape == extents { return self }
    var places: [Int] = [0]
    for (extent, wanted) in zip(shape, extents) {
      places = places.flatMap { start in (0..<extent).map { start * wanted + $0 } }
    }
    let count = extents.reduce(1, *)
    if dataType == .string {
      var texts = [[UInt8]](repeating: [], count: count)
      for (place, text) in zip(places, try strings()) { texts[place] = text }
      return try HostTensor(strings: texts, shape: extents)
    }
    let pattern = try dataType.bytes(of: value)
    let size = pattern.count
    var result = HostTensor(uninitialized: dataType, shape: extents)
    result.withUnsafeMutableBytes { target in
      for index in target.indices { target[index] = pattern[index % size] }
      withUnsafeBytes { source in
        for (index, place) in places.enumerated() {
          UnsafeMutableRawBufferPointer(rebasing: target[place * size..<(place + 1) * size])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[index * size..<(index + 1) * size]))
        }
      }
    }
    return result
  }
}

extension DataType {
  /// Returns the bytes of a number.
  ///
  /// - Throws: `DatasetError` if it cannot be told exactly in this type.
  fileprivate func bytes(of value: Double) throws -> [UInt8] {
    func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> [UInt8] {
      guard let number = Number(exactly: value) else {
        throw DatasetError("\(value) is no \(self) that tensors can be padded with")
      }
      return withUnsafeBytes(of: number) { Array($0) }
    }
    switch self {
    case .float32: return withUnsafeBytes(of: Float(value)) { Array($0) }
    case .float64: return withUnsafeBytes(of: value) { Array($0) }
    case .int8: return try integer(Int8.self)
    case .uint8, .bool: return try integer(UInt8.self)
    case .int16: return try integer(Int16.self)
    case .uint16: return try integer(UInt16.self)
    case .int32: return try integer(Int32.self)
    case .uint32: return try integer(UInt32.self)
    case .int64: return try integer(Int64.self)
    case .uint64: return try integer(UInt64.self)
    case .float16, .bfloat16, .complex64, .complex128, .string:
      guard value == 0, let size else { throw DatasetError("tensors of \(self) are padded with 0 only") }
      return [UInt8](repeating: 0, count: size)
    }
  }
}

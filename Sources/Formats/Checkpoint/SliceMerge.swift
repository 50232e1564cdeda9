import EspalierGraph

/// Puts the slices of a partitioned variable together.
struct SliceMerge {
  struct Part {
    let ranges: [Range<Int>]
    let tensor: BundleTensor
  }

  /// More slices than any variable has; comparing all pairs of them takes no time worth a better way.
  private static let limit = 10_000

  let whole: BundleTensor
  let parts: [Part]

  /// Returns the whole tensor.
  ///
  /// - Throws: `FormatError` if a slice cannot be read, or the slices do not cover the tensor once.
  func value() throws(FormatError) -> HostTensor {
    guard parts.count <= Self.limit else { throw whole.error("it has \(parts.count) slices", .resourceExhausted) }
    let shape = whole.entry.shape
    let type = try whole.dataType()
    guard let size = type.size else { throw whole.error("partitioned strings are not read here", .unimplemented) }
    guard let bytes = Extents.byteCount(shape, size: size) else { throw whole.error("its shape \(shape) is too large") }
    let slices = try parts.map { part throws(FormatError) in try part.tensor.value() }
    guard slices.reduce(0, { $0 + $1.byteCount }) == bytes, !overlap() else {
      throw whole.error("its slices do not cover \(shape) once")
    }
    var result = HostTensor(zeros: type, shape: shape)
    result.withUnsafeMutableBytes { target in
      for (part, slice) in zip(parts, slices) {
        slice.withUnsafeBytes { Self.copy($0, to: target, part.ranges, shape, size) }
      }
    }
    return result
  }

  private func overlap() -> Bool {
    for (index, first) in parts.enumerated() {
      for second in parts[..<index] where zip(first.ranges, second.ranges).allSatisfy({ $0.overlaps($1) }) {
        return true
      }
    }
    return false
  }

  /// Copies a slice, row by row, to where `ranges` say.
  private static func copy(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, _ ranges: [Range<Int>],
    _ shape: [Int], _ size: Int
  ) {
    guard let last = ranges.last, !source.isEmpty else {
      target.copyMemory(from: source)
      return
    }
    let row = last.count * size
    var position = ranges.map(\.lowerBound)
    for start in stride(from: 0, to: source.count, by: row) {
      let index = zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }
      let place = UnsafeMutableRawBufferPointer(rebasing: target[(index * size)..<(index * size + row)])
      place.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + row]))
      advance(&position, ranges)
    }
  }

  /// Moves to the next row: counts up all axes but the last.
  private static func advance(_ position: inout [Int], _ ranges: [Range<Int>]) {
    for axis in ranges.indices.dropLast().reversed() {
      position[axis] += 1
      if position[axis] < ranges[axis].upperBound { return }
      position[axis] = ranges[axis].lowerBound
    }
  }
}

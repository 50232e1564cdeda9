import EspalierGraph

extension HostTensor {
  /// Returns the parts at these places of the first axis, in this order, along the first axis.
  ///
  /// - Throws: `DatasetError` if this is a scalar, or a place is not in it.
  ///
  /// Source: `tf.gather`.
  public func rows(at places: [Int]) throws -> HostTensor {
    guard let count = shape.first else { throw DatasetError("a scalar has no rows") }
    if let outside = places.first(where: { !(0..<count).contains($0) }) {
      throw DatasetError("row \(outside) is not in a tensor of shape \(shape)")
    }
    let rest = Array(shape.dropFirst())
    let rowCount = rest.reduce(1, *)
    let resultShape = [places.count] + rest
    if dataType == .string {
      let all = try strings()
      return try HostTensor(
        strings: places.flatMap { all[$0 * rowCount..<($0 + 1) * rowCount] }, shape: resultShape)
    }
    let size = rowCount * (dataType.size ?? 0)
    var result = HostTensor(uninitialized: dataType, shape: resultShape)
    withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        for (row, place) in places.enumerated() where size > 0 {
          UnsafeMutableRawBufferPointer(rebasing: target[row * size..<(row + 1) * size])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[place * size..<(place + 1) * size]))
        }
      }
    }
    return result
  }

  /// Returns the part at one place of the first axis, without that axis.
  package func row(at place: Int) throws -> HostTensor {
    try rows(at: [place]).reshaped(Array(shape.dropFirst()))
  }
}

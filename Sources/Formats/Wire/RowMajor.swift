/// Changes the order in which the elements of an array lie.
enum RowMajor {
  /// Returns the elements of an array, given first index fastest, with the last index fastest.
  ///
  /// `bytes` has exactly the elements of `shape`, each of `size` bytes.
  static func reordered(fromColumnMajor bytes: [UInt8], shape: [Int], size: Int) -> [UInt8] {
    guard shape.count > 1, !bytes.isEmpty else { return bytes }
    var strides = [Int](repeating: size, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var position = [Int](repeating: 0, count: shape.count)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    while result.count < bytes.count {
      let start = zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }
      result += bytes[start..<start + size]
      for axis in shape.indices.reversed() {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
      }
    }
    return result
  }
}

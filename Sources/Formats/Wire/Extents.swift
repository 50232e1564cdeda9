/// Arithmetic on the extents of tensors that files state.
package enum Extents {
  /// Returns the number of elements of `shape`, or nil if an extent is negative or the number does not fit.
  package static func count(_ shape: [Int]) -> Int? {
    var result = 1
    for extent in shape {
      let (product, overflow) = result.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow { return nil }
      result = product
    }
    return result
  }

  /// Returns the number of bytes of `shape` elements of `size` bytes, or nil if it does not fit.
  package static func byteCount(_ shape: [Int], size: Int) -> Int? {
    guard let count = count(shape) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    return overflow ? nil : bytes
  }
}

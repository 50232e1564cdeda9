import EspalierFormats
import EspalierGraph

/// Which part of a tensor a variable is, as savers spell it: `10 4 0,5:-` is the first five rows of `[10, 4]`.
///
/// Source: `tf.Variable.SaveSliceInfo`, `tensorflow/core/framework/tensor_slice.h`.
struct SliceSpecification {
  private let ranges: [Range<Int>]
  private let shape: [Int]
  private let file: String

  init(_ text: String, file: String) throws(FormatError) {
    var words = text.split(separator: " ").map(String.init)
    let parts = words.popLast()?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    shape = words.compactMap { Int($0) }
    self.file = file
    var ranges: [Range<Int>] = []
    for (part, extent) in zip(parts, shape) {
      let numbers = part.split(separator: ",").compactMap { Int($0) }
      if part == "-" {
        ranges.append(0..<max(extent, 0))
      } else if numbers.count == 2, numbers[0] >= 0, numbers[1] >= 0, numbers[0] <= extent,
        numbers[1] <= extent - numbers[0]
      {
        ranges.append(numbers[0]..<numbers[0] + numbers[1])
      }
    }
    guard shape.count == words.count, ranges.count == shape.count, parts.count == shape.count else {
      throw FormatError(.dataLoss, file: file, "'\(text)' is not a part of a tensor")
    }
    self.ranges = ranges
  }

  /// Returns the part of a tensor.
  func slice(of tensor: HostTensor) throws -> HostTensor {
    guard tensor.shape == shape, let size = tensor.dataType.size else {
      throw FormatError(.dataLoss, file: file, "a part of \(shape) is asked for of \(tensor.type)")
    }
    var bytes: [UInt8] = []
    tensor.withUnsafeBytes { source in
      guard let row = ranges.last.map({ $0.count * size }), row > 0 else { return }
      for position in Self.positions(ranges.dropLast()) {
        let place = zip(position + [ranges[ranges.count - 1].lowerBound], shape).reduce(0) { $0 * $1.1 + $1.0 } * size
        bytes += source[place..<place + row]
      }
    }
    return try HostTensor(bytes: bytes, dataType: tensor.dataType, shape: ranges.map(\.count))
  }

  /// Returns all places in a box, the last axis fastest.
  private static func positions(_ ranges: ArraySlice<Range<Int>>) -> [[Int]] {
    ranges.reduce([[]]) { places, range in places.flatMap { place in range.map { place + [$0] } } }
  }
}

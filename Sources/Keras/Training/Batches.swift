import EspalierData
import EspalierGraph

extension Keras {
  /// Examples and their labels, cut into batches.
  struct Batches {
    let x: HostTensor
    let y: HostTensor?
    let size: Int

    /// - Throws: `GraphError` if there are not as many labels as examples, or no batch can be made.
    init(_ x: HostTensor, _ y: HostTensor?, size: Int) throws {
      guard size > 0 else { throw GraphError("the batch size must be positive, not \(size)") }
      guard let count = x.shape.first, count > 0 else { throw GraphError("there are no examples in \(x.type)") }
      if let y, y.shape.first != count {
        throw GraphError(
          "Data cardinality is ambiguous: x has \(count) examples, y has \(y.shape.first.map(String.init) ?? "no") "
            + "labels")
      }
      self.x = x
      self.y = y
      self.size = size
    }

    var exampleCount: Int { x.shape.first ?? 0 }
    /// The last batch may be smaller.
    var count: Int { (exampleCount + size - 1) / size }

    /// Returns batch number `index` of the examples in this order.
    func batch(_ index: Int, of order: [Int]) throws -> (x: HostTensor, y: HostTensor?, count: Int) {
      let places = Array(order[index * size..<Swift.min(order.count, (index + 1) * size)])
      return (try x.rows(at: places), try y?.rows(at: places), places.count)
    }
  }
}

extension HostTensor {
  /// Returns the numbers in another element type and shape.
  func converted(to dataType: DataType, like shape: Shape) throws -> HostTensor {
    var result = self
    if self.dataType != dataType {
      let numbers = try doubles()
      result =
        dataType == .int32
        ? try HostTensor(numbers.map { Int32($0) }, shape: self.shape)
        : try HostTensor(numbers.map { Float($0) }, shape: self.shape)
    }
    guard let extents = shape.extents, extents.count != result.shape.count, let count = result.shape.first else {
      return result
    }
    // Labels [N] for outputs [N, 1].
    guard extents.dropFirst().allSatisfy({ $0 == 1 }) else { return result }
    return try result.reshaped([count] + extents.dropFirst().map { _ in 1 })
  }
}

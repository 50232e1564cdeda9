import EspalierGraph

/// A value of which several make one with a further first axis.
public protocol Batchable: Sendable {
  /// What several of them make.
  associatedtype Batch: Sendable = Self

  /// Returns one value that holds all of `elements` along a new first axis.
  ///
  /// - Throws: `DatasetError` if their types or shapes differ.
  static func batch(of elements: [Self]) throws -> Batch
}

extension HostTensor: Batchable {
  public static func batch(of elements: [HostTensor]) throws -> HostTensor {
    guard let first = elements.first else { throw DatasetError("cannot batch no elements") }
    for (index, element) in elements.enumerated() {
      guard element.dataType == first.dataType, element.shape == first.shape else {
        throw DatasetError(
          "cannot batch tensors with different types: element 0 is \(first.type), element \(index) is \(element.type)")
      }
    }
    let shape = [elements.count] + first.shape
    if first.dataType == .string {
      return try HostTensor(strings: try elements.flatMap { try $0.strings() }, shape: shape)
    }
    var result = HostTensor(uninitialized: first.dataType, shape: shape)
    result.withUnsafeMutableBytes { target in
      guard let base = target.baseAddress else { return }
      let size = first.byteCount
      for (index, element) in elements.enumerated() where size > 0 {
        element.withUnsafeBytes { source in
          if let from = source.baseAddress { (base + index * size).copyMemory(from: from, byteCount: size) }
        }
      }
    }
    return result
  }
}

extension Structure: Batchable where Leaf: Batchable {
  public static func batch(of elements: [Structure]) throws -> Structure<Leaf.Batch> {
    guard let first = elements.first else { throw DatasetError("cannot batch no elements") }
    if case .single = first { return .single(try Leaf.batch(of: elements.map { try $0.soleValue })) }
    let rows = elements.map(\.leaves)
    guard rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw DatasetError("cannot batch structures with different numbers of values")
    }
    let columns = try rows[0].indices.map { column in try Leaf.batch(of: rows.map { $0[column] }) }
    guard let result = first.filled(with: columns) else { throw DatasetError("cannot batch empty structures") }
    return result
  }
}

extension Structure {
  /// The value of a structure of one.
  fileprivate var soleValue: Leaf {
    get throws {
      if case .single(let leaf) = self { return leaf }
      guard let only else { throw DatasetError("cannot batch structures with different numbers of values") }
      return only
    }
  }
}

extension Sample: Batchable {
  public static func batch(of elements: [Sample]) throws -> Sample {
    let labels = elements.compactMap(\.labels)
    guard labels.isEmpty || labels.count == elements.count else {
      throw DatasetError("cannot batch samples of which only some have labels")
    }
    return Sample(
      features: try .batch(of: elements.map(\.features)), labels: labels.isEmpty ? nil : try .batch(of: labels))
  }
}

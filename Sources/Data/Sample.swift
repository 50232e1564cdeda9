import EspalierGraph

/// What an `inputFn` yields: the features of a batch and, for training and evaluation, its labels.
public struct Sample: Sendable, Equatable {
  /// What the model sees.
  public var features: Structure<HostTensor>
  /// What it should say, if known.
  public var labels: Structure<HostTensor>?

  /// Returns features and labels.
  public init(features: Structure<HostTensor>, labels: Structure<HostTensor>? = nil) {
    self.features = features
    self.labels = labels
  }

  /// Returns one tensor of features and one of labels.
  public init(features: HostTensor, labels: HostTensor? = nil) {
    self.features = .single(features)
    self.labels = labels.map { .single($0) }
  }
}

/// A value of which several make one with a further first axis.
public protocol Batchable: Sendable {
  /// Returns one value that holds all of `elements` along a new first axis.
  ///
  /// - Throws: `DatasetError` if their types or shapes differ.
  static func batch(of elements: [Self]) throws -> Self
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
      let size = first.byteCount
      for (index, element) in elements.enumerated() where size > 0 {
        element.withUnsafeBytes { source in
          UnsafeMutableRawBufferPointer(rebasing: target[index * size..<(index + 1) * size]).copyMemory(from: source)
        }
      }
    }
    return result
  }
}

extension Structure: Batchable where Leaf: Batchable {
  public static func batch(of elements: [Structure]) throws -> Structure {
    guard let first = elements.first else { throw DatasetError("cannot batch no elements") }
    let rows = elements.map(\.leaves)
    guard rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw DatasetError("cannot batch structures with different numbers of values")
    }
    let columns = try rows[0].indices.map { column in try Leaf.batch(of: rows.map { $0[column] }) }
    guard let result = first.filled(with: columns) else { throw DatasetError("cannot batch empty structures") }
    return result
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

import EspalierFormats
import EspalierGraph

extension Dataset {
  /// Returns a dataset of these elements.
  public static func elements(_ elements: [Element]) -> Dataset {
    Dataset { _ in ArrayIterator(elements) }
  }

  /// Returns a dataset of what `next` yields until nil; `makeNext` is called once for each iterator.
  ///
  /// Source: `tf.data.Dataset.from_generator`.
  public static func generated(
    _ makeNext: @escaping @Sendable () throws -> () throws -> Element?
  ) -> Dataset {
    Dataset { _ in GeneratorIterator(try makeNext()) }
  }
}

extension Dataset where Element == Int {
  /// Returns a dataset of the numbers of a range.
  public static func range(_ range: Range<Int>) -> Dataset {
    Dataset { _ in ArrayIterator(range) }
  }

  /// Returns a dataset of the numbers from `first` on that are `step` apart, up or down, before `end`.
  ///
  /// Source: `tf.data.Dataset.range`.
  public static func range(from first: Int = 0, to end: Int, by step: Int) throws -> Dataset {
    guard step != 0 else { throw DatasetError("numbers of a range cannot be 0 apart") }
    return .elements(Array(stride(from: first, to: end, by: step)))
  }
}

extension Dataset where Element == HostTensor {
  /// Returns a dataset of the slices of a tensor along its first axis.
  ///
  /// - Throws: `DatasetError` if it is a scalar.
  ///
  /// Source: `tf.data.Dataset.from_tensor_slices`.
  public static func slices(of tensor: HostTensor) throws -> Dataset {
    guard let count = tensor.shape.first else { throw DatasetError("cannot slice a scalar") }
    return Dataset<Int>.range(0..<count).map { try tensor.row(at: $0) }
  }
}

extension Dataset where Element == SparseValues {
  /// Returns a dataset of the slices of a sparse tensor along its first axis, those without values too.
  ///
  /// - Throws: `DatasetError` unless there is a place inside the tensor for each value, in order.
  ///
  /// Source: `tf.data.Dataset.from_sparse_tensor_slices`.
  public static func slices(of tensor: SparseValues) throws -> Dataset {
    guard let count = tensor.denseShape.first else { throw DatasetError("cannot slice a scalar") }
    guard tensor.values.shape == [tensor.indices.count] else {
      throw DatasetError("\(tensor.indices.count) places do not fit values of shape \(tensor.values.shape)")
    }
    var rows: [Int: [Int]] = [:]
    for (number, index) in tensor.indices.enumerated() {
      let isInside =
        index.count == tensor.denseShape.count && zip(index, tensor.denseShape).allSatisfy { (0..<$1).contains($0) }
      guard isInside else { throw DatasetError("\(index) is no place in a tensor of shape \(tensor.denseShape)") }
      guard number == 0 || tensor.indices[number - 1].lexicographicallyPrecedes(index) else {
        throw DatasetError("\(index) does not come after \(tensor.indices[number - 1])")
      }
      rows[index[0], default: []].append(number)
    }
    return Dataset<Int>.range(0..<count).map { [rows] row in
      let numbers = rows[row] ?? []
      return SparseValues(
        indices: numbers.map { Array(tensor.indices[$0].dropFirst()) }, values: try tensor.values.rows(at: numbers),
        denseShape: Array(tensor.denseShape.dropFirst()))
    }
  }
}

extension Dataset where Element == Sample {
  /// Returns a dataset of the slices of all tensors of a sample along their first axes.
  ///
  /// - Throws: `DatasetError` if there is a scalar among them, or their first extents differ.
  public static func slices(of sample: Sample) throws -> Dataset {
    let tensors = sample.features.leaves + (sample.labels?.leaves ?? [])
    guard let count = tensors.first?.shape.first, tensors.allSatisfy({ $0.shape.first == count }) else {
      throw DatasetError("cannot slice tensors with different first extents: \(tensors.map(\.shape))")
    }
    return Dataset<Int>.range(0..<count).map { index in
      Sample(
        features: try sample.features.map { try $0.row(at: index) },
        labels: try sample.labels?.map { try $0.row(at: index) })
    }
  }
}

private final class ArrayIterator<Elements: RandomAccessCollection & Sendable>: ElementIterator
where Elements.Element: Sendable, Elements.Index == Int {
  private let elements: Elements
  private var index: Int

  init(_ elements: Elements) {
    self.elements = elements
    index = elements.startIndex
  }

  func next() -> Elements.Element? {
    guard index < elements.endIndex else { return nil }
    defer { index += 1 }
    return elements[index]
  }

  func skip(_ count: Int) -> Int {
    let skipped = min(count, elements.endIndex - index)
    index += skipped
    return skipped
  }
}

private final class GeneratorIterator<Element: Sendable>: ElementIterator {
  private let generate: () throws -> Element?

  init(_ generate: @escaping () throws -> Element?) {
    self.generate = generate
  }

  func next() throws -> Element? { try generate() }
}

import EspalierData
import EspalierGraph

/// The input of a loop: batches one after the other, and where it stands.
final class InputFeed {
  private let dataset: Dataset<Sample>
  private var iterator: DatasetIterator<Sample>
  /// The batch that comes next, read ahead so that its structure is known.
  private var upcoming: Sample?
  /// Batches that were handed out in this pass.
  private(set) var position: Int
  /// Passes that were completed before.
  private(set) var pass: Int

  /// How many passes there are, those before included; nil for one.
  private let maxPasses: Int?

  /// Goes to a place in a dataset. Where the pass ended there, the next one begins.
  init(_ dataset: Dataset<Sample>, pass: Int = 0, position: Int = 0, maxPasses: Int? = nil) throws {
    self.dataset = dataset
    self.maxPasses = maxPasses
    self.pass = pass
    self.position = position
    iterator = try dataset.makeIterator(pass: pass)
    let skipped = try iterator.skip(position)
    upcoming = skipped == position ? try iterator.next() : nil
    if upcoming == nil, position > 0 {
      self.pass += 1
      self.position = 0
      iterator = try dataset.makeIterator(pass: self.pass)
      upcoming = try iterator.next()
    }
  }

  /// The batch that comes next, or nil at the end.
  var first: Sample? { upcoming }

  /// Whether all passes are over that there are to be.
  var isAtEnd: Bool { maxPasses.map { pass >= $0 } ?? false }

  /// Returns the next batch, or nil at the end.
  func next() throws -> Sample? {
    if isAtEnd { return nil }
    if let sample = try upcoming ?? iterator.next() {
      upcoming = nil
      position += 1
      return sample
    }
    guard let maxPasses, position > 0 else { return nil }
    pass += 1
    position = 0
    if pass >= maxPasses { return nil }
    iterator = try dataset.makeIterator(pass: pass)
    return try next()
  }
}

/// The placeholders through which batches enter a graph.
struct ModelInput {
  /// What the model sees.
  let features: Structure<Tensor>
  /// What it should say.
  let labels: Structure<Tensor>?

  /// Adds placeholders for batches like `sample` to the current graph; the first extents, the sizes of batches, are left
  /// open.
  init(for sample: Sample) {
    (features, labels) = nameScope("IteratorGetNext") {
      (Self.placeholders(for: sample.features, "features"), sample.labels.map { Self.placeholders(for: $0, "labels") })
    }
  }

  private static func placeholders(for values: Structure<HostTensor>, _ name: String) -> Structure<Tensor> {
    func placeholder(_ value: HostTensor, _ name: String) -> Tensor {
      let rest = value.shape.dropFirst().map(Optional.some)
      let shape = value.shape.isEmpty ? Shape.scalar : Shape([nil] + rest)
      return EspalierGraph.placeholder(value.dataType, shape: shape, name: name)
    }
    switch values {
    case .single(let value): return .single(placeholder(value, name))
    case .list(let values): return .list(values.map { placeholder($0, name) })
    case .dictionary(let values):
      // In order, so that the same input always makes the same graph.
      let named = values.sorted { $0.key < $1.key }.map { ($0.key, placeholder($0.value, "\(name)_\($0.key)")) }
      return .dictionary(Dictionary(uniqueKeysWithValues: named))
    }
  }

  /// Returns what to feed for a batch.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if it has another structure than the batch that the model was built for.
  func feeding(_ sample: Sample) throws(EstimatorError) -> [Tensor: HostTensor] {
    var result: [Tensor: HostTensor] = [:]
    try Self.pair(features, sample.features, "features", into: &result)
    if let labels {
      guard let values = sample.labels else { throw .invalidArgument("A batch has no labels, but the first one had.") }
      try Self.pair(labels, values, "labels", into: &result)
    }
    return result
  }

  private static func pair(
    _ tensors: Structure<Tensor>, _ values: Structure<HostTensor>, _ what: String,
    into feeds: inout [Tensor: HostTensor]
  ) throws(EstimatorError) {
    let matches =
      switch (tensors, values) {
      case (.single, .single): true
      case (.list(let a), .list(let b)): a.count == b.count
      case (.dictionary(let a), .dictionary(let b)): Set(a.keys) == Set(b.keys)
      default: false
      }
    guard matches else {
      throw .invalidArgument("The \(what) of a batch have another structure than those of the first batch.")
    }
    for (tensor, value) in zip(tensors.leaves, values.leaves) { feeds[tensor] = value }
  }
}

extension Sample {
  /// The number of examples: the first extents of a list's tensors summed up, or that of any other first tensor.
  var exampleCount: Int {
    if case .list(let parts) = features { return parts.reduce(0) { $0 + ($1.shape.first ?? 1) } }
    return features.leaves.first?.shape.first ?? 1
  }
}

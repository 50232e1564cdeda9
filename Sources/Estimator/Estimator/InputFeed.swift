import EspalierData
import EspalierGraph

/// The input of a loop: batches one after the other, and where it stands.
final class InputFeed {
  private let dataset: Dataset<Sample>
  /// How many passes there are, those before included; nil for one.
  private let maxPasses: Int?
  private var iterator: DatasetIterator<Sample>
  /// The pass that the iterator goes through.
  private var readPass: Int
  /// The batch that comes next, if it was read ahead.
  private var upcoming: Sample?
  /// The pass of the last batch that was handed out. A pass counts from its first batch on, not from the end of the one
  /// before, so that a place has one name, whether or not somebody has looked for more.
  private(set) var pass: Int
  /// Batches that were handed out in that pass.
  private(set) var position: Int

  /// Goes to a place in a dataset. Where the pass ended there, the batches of the next one follow.
  init(_ dataset: Dataset<Sample>, pass: Int = 0, position: Int = 0, maxPasses: Int? = nil) throws {
    self.dataset = dataset
    self.maxPasses = maxPasses
    self.pass = pass
    self.position = position
    readPass = pass
    iterator = try dataset.makeIterator(pass: pass)
    try skipToPosition()
  }

  /// Goes to another place.
  func move(toPass pass: Int, position: Int) throws {
    (self.pass, readPass, self.position, upcoming) = (pass, pass, position, nil)
    iterator = try dataset.makeIterator(pass: pass)
    try skipToPosition()
  }

  private func skipToPosition() throws {
    if try iterator.skip(position) == position { upcoming = try iterator.next() }
    if upcoming == nil, position > 0 { try beginPass() }
  }

  /// Reads ahead and returns the batch that comes next, or nil at the end.
  func peek() throws -> Sample? {
    if upcoming == nil, !arePassesOver {
      upcoming = try iterator.next()
      // A pass without batches would be followed by others without end.
      if upcoming == nil, maxPasses != nil, readPass == pass, position > 0 { try beginPass() }
    }
    return upcoming
  }

  /// Returns the next batch, or nil at the end.
  func next() throws -> Sample? {
    guard let sample = try peek() else { return nil }
    upcoming = nil
    if pass != readPass { (pass, position) = (readPass, 0) }
    position += 1
    return sample
  }

  /// Returns whether all passes are over that there are to be.
  func isAtEnd() throws -> Bool {
    guard maxPasses != nil else { return false }
    return try peek() == nil && arePassesOver
  }

  private var arePassesOver: Bool { maxPasses.map { readPass >= $0 } ?? false }

  private func beginPass() throws {
    readPass += 1
    if arePassesOver { return }
    iterator = try dataset.makeIterator(pass: readPass)
    upcoming = try iterator.next()
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
    var names = values.leaves.map { _ in name }
    if case .dictionary(let values) = values { names = values.keys.sorted().map { "\(name)_\($0)" } }
    return values.map(\.batchType).placeholders(named: names)
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

extension HostTensor {
  /// The type of batches like this one, of any size.
  var batchType: TensorType {
    TensorType(dataType, shape.isEmpty ? .scalar : Shape([nil] + shape.dropFirst().map(Optional.some)))
  }
}

extension Structure where Leaf == TensorType {
  /// Returns placeholders of these types, with names in the order of `leaves`.
  func placeholders(named names: [String]) -> Structure<Tensor> {
    // In order, so that the same types always make the same graph.
    let made = zip(leaves, names).map { placeholder($0.dataType, shape: $0.shape, name: $1) }
    switch self {
    case .single: return .single(made[0])
    case .list: return .list(made)
    case .dictionary(let types): return .dictionary(Dictionary(uniqueKeysWithValues: zip(types.keys.sorted(), made)))
    }
  }
}

extension Sample {
  /// The number of examples: the first extents of a list's tensors summed up, or that of any other first tensor.
  var exampleCount: Int {
    if case .list(let parts) = features { return parts.reduce(0) { $0 + ($1.shape.first ?? 1) } }
    return features.leaves.first?.shape.first ?? 1
  }
}

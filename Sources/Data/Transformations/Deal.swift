import EspalierGraph

extension HostTensor {
  /// Returns the parts along the first axis dealt out in turns: row i goes to shard i mod `shards`, the last rows only
  /// to the first shards. One shard gets the whole tensor.
  ///
  /// - Throws: `DatasetError` if `shards` is below 1, or this is a scalar and there are several.
  public func dealt(to shards: Int) throws -> [HostTensor] {
    guard shards > 0 else { throw DatasetError("cannot deal rows out to \(shards) shards") }
    if shards == 1 { return [self] }
    return try (0..<shards).map { try rows(at: Array(stride(from: $0, to: shape.first ?? 1, by: shards))) }
  }
}

extension Sample {
  /// Returns a batch dealt out to the towers of a model: the features and the labels, one tensor each, become lists of
  /// one tensor for each shard, as `HostTensor.dealt` has them.
  ///
  /// - Throws: `DatasetError` if there are several tensors of features or of labels.
  ///
  /// Source: `input_fn` of TensorFlow's CIFAR-10 estimator tutorial.
  public func dealt(to shards: Int) throws -> Sample {
    Sample(features: try Self.deal(features, shards), labels: try labels.map { try Self.deal($0, shards) })
  }

  private static func deal(_ part: Structure<HostTensor>, _ shards: Int) throws -> Structure<HostTensor> {
    guard let tensor = part.only else {
      throw DatasetError(
        "a batch of one tensor of features and one of labels can be dealt out, not \(part.leaves.count)")
    }
    return .list(try tensor.dealt(to: shards))
  }
}

import Espalier

/// Returns the batches of a subset, each dealt out to `shards` towers: image i goes to tower i mod `shards`.
func inputFunction(
  dataDir: String, subset: String, shards: Int, batchSize: Int, useDistortion: Bool = true, seed: UInt64? = nil
) throws -> Dataset<Sample> {
  let dataset = Cifar10Dataset(
    dataDir: dataDir, subset: subset, useDistortion: subset == "train" && useDistortion)
  let batches = try dataset.batches(of: batchSize, seed: seed)
  guard shards > 1 else {
    return batches.map { Sample(features: .list($0.features.leaves), labels: $0.labels.map { .list($0.leaves) }) }
      .prefetched(2)
  }
  return batches.map { batch in
    guard let images = batch.features.only, let labels = batch.labels?.only else {
      throw DataError("a batch holds no images and labels")
    }
    return Sample(
      features: .list(try images.dealt(to: shards)), labels: .list(try labels.dealt(to: shards)))
  }.prefetched(2)
}

extension HostTensor {
  /// Returns a part of the batch for each shard.
  fileprivate func dealt(to shards: Int) throws -> [HostTensor] {
    try (0..<shards).map { shard in try rows(at: Array(stride(from: shard, to: shape.first ?? 0, by: shards))) }
  }
}

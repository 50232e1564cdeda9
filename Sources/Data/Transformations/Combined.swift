/// Transformations that stand for two.
extension Dataset {
  /// Returns the elements in random order `count` times, or without end; each time in another order.
  ///
  /// Source: `tf.data.experimental.shuffle_and_repeat`.
  public func shuffledAndRepeated(buffer: Int, count: Int? = nil, seed: UInt64? = nil) -> Dataset {
    shuffled(buffer: buffer, seed: seed).repeated(count)
  }

  /// Returns batches of what `transform` makes of each element.
  ///
  /// - Parameters:
  ///   - size: The elements of a batch.
  ///   - threads: How many threads call `transform` at once, ahead of the reader; the order stays.
  ///   - dropsRemainder: Whether a last batch with fewer elements is left out.
  ///
  /// Source: `tf.data.experimental.map_and_batch`.
  public func mappedAndBatched<Result: Batchable & Sendable>(
    _ size: Int, threads: Int = 0, dropsRemainder: Bool = false,
    _ transform: @escaping @Sendable (Element) throws -> Result
  ) -> Dataset<Result.Batch> {
    map(threads: threads, transform).batched(size, dropsRemainder: dropsRemainder)
  }

  /// Returns the same dataset, up to `count` elements ahead of its reader, on a device.
  ///
  /// - Parameter device: A processor: `/cpu:0`. Its memory is that in which all elements are already.
  /// - Throws: `DatasetError` for devices that are not there.
  ///
  /// Source: `tf.data.experimental.prefetch_to_device`.
  public func prefetchedToDevice(_ device: String, _ count: Int = 1) throws -> Dataset {
    guard device.split(separator: "/").last?.lowercased().replacing("device:", with: "").hasPrefix("cpu:") ?? false
    else { throw DatasetError("there is no device '\(device)' here") }
    return prefetched(count)
  }
}

/// Which checkpoints stay when new ones are saved.
///
/// Source: `tf.compat.v1.train.Saver(max_to_keep=, keep_checkpoint_every_n_hours=)`.
package struct CheckpointRetention: Sendable {
  /// A checkpoint that may be deleted later.
  package struct Entry: Hashable, Sendable {
    package let prefix: String
    /// When it was saved, in seconds since 1970.
    package let time: Double

    package init(prefix: String, time: Double) {
      self.prefix = prefix
      self.time = time
    }
  }

  /// How many recent checkpoints stay; 0 for all.
  package let maxToKeep: Int
  private let interval: Double
  /// The recent checkpoints, the oldest first.
  package private(set) var recent: [Entry] = []
  /// A checkpoint saved after this moment stays for good when its turn comes to be deleted.
  private var nextPreservation: Double

  /// Returns a policy.
  ///
  /// - Parameters:
  ///   - maxToKeep: How many recent checkpoints stay; 0 for all.
  ///   - keepEveryNHours: The hours of training after each of which one checkpoint stays for good.
  ///   - start: When training starts, in seconds since 1970.
  package init(maxToKeep: Int = 5, keepEveryNHours: Double = 10_000, start: Double = wallTime()) {
    self.maxToKeep = max(maxToKeep, 0)
    interval = keepEveryNHours * 3600
    nextPreservation = start + interval
  }

  /// Takes checkpoints of an earlier run as the recent ones, the oldest first.
  package mutating func recover(_ entries: [Entry]) {
    recent = entries
  }

  /// Takes note of a saved checkpoint; returns those to delete.
  package mutating func add(_ prefix: String, at time: Double) -> [String] {
    if maxToKeep == 0 { return [] }
    recent.removeAll { $0.prefix == prefix }
    recent.append(Entry(prefix: prefix, time: time))
    var expired: [String] = []
    while recent.count > maxToKeep {
      let oldest = recent.removeFirst()
      if oldest.time > nextPreservation {
        nextPreservation += interval
      } else {
        expired.append(oldest.prefix)
      }
    }
    return expired
  }
}

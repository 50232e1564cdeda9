/// The names of the files of a checkpoint.
package enum CheckpointFiles {
  package static func index(_ prefix: String) -> String { prefix + ".index" }
  package static func metaGraph(_ prefix: String, suffix: String = "meta") -> String { "\(prefix).\(suffix)" }

  /// Returns the name of a data file: `model.ckpt-7.data-00000-of-00001`.
  package static func shard(_ number: Int, of count: Int, _ prefix: String) -> String {
    "\(prefix).data-\(padded(number))-of-\(padded(count))"
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

import EspalierFormats

extension Dataset where Element == String {
  /// Returns the names of the files that match patterns, `train-*.tfrecord`.
  ///
  /// - Parameters:
  ///   - shuffles: Whether they come in another order in each iteration; else sorted, pattern after pattern.
  ///   - seed: Draws the order; nil draws differently each time.
  /// - Throws: `DatasetError` if there are no such files.
  ///
  /// Source: `tf.data.Dataset.list_files`.
  public static func listFiles(_ patterns: [String], shuffles: Bool = true, seed: UInt64? = nil) throws -> Dataset {
    let files = patterns.flatMap { LocalFileSystem().paths(matching: $0) }
    guard !files.isEmpty else {
      throw DatasetError("No files matched pattern: \(patterns.joined(separator: ", "))")
    }
    return shuffles ? Dataset.elements(files).shuffled(buffer: files.count, seed: seed) : .elements(files)
  }

  /// Returns the names of the files that match a pattern.
  public static func listFiles(_ pattern: String, shuffles: Bool = true, seed: UInt64? = nil) throws -> Dataset {
    try listFiles([pattern], shuffles: shuffles, seed: seed)
  }
}

import EspalierData
import EspalierEstimator
import EspalierFormats
import EspalierGraph

/// How record files are read.
///
/// Source: `read_dataset` of fine-tuning programs for slim.
public struct ReadDataset: Sendable {
  /// How many files are read at once.
  public var readerCount: Int
  /// Whether files and records are shuffled.
  public var shuffles: Bool
  /// How many times all records come; 0 is without end.
  public var epochs: Int
  /// How many records come from one file in a row.
  public var blockLength: Int
  /// The records among which the next one is drawn.
  public var shuffleBuffer: Int
  /// Draws the order; nil draws differently each time.
  public var seed: UInt64?

  /// Returns a way to read.
  public init(
    readerCount: Int = 1, shuffles: Bool = false, epochs: Int = 0, blockLength: Int = 32, shuffleBuffer: Int = 2048,
    seed: UInt64? = nil
  ) {
    self.readerCount = readerCount
    self.shuffles = shuffles
    self.epochs = epochs
    self.blockLength = blockLength
    self.shuffleBuffer = shuffleBuffer
    self.seed = seed
  }

  /// Returns the records of the files that match these patterns, `train-*.tfrecord`.
  ///
  /// - Parameter read: Returns the records of one file.
  /// - Throws: `ResNetError` if there are no such files.
  public func callAsFunction(
    _ patterns: [String], read: @escaping @Sendable (_ file: String) -> Dataset<[UInt8]> = { .tfRecords([$0]) }
  ) throws -> Dataset<[UInt8]> {
    let files = patterns.flatMap(Files.paths)
    guard !files.isEmpty else { throw ResNetError("no file matches \(patterns.joined(separator: ", "))") }
    if readerCount > files.count {
      Logging.warn("num_readers has been reduced to \(files.count) to match input file shards.")
    }
    let readers = max(1, min(readerCount, files.count))
    var names = Dataset.elements(files)
    if shuffles {
      names = names.shuffled(buffer: 100, seed: seed)
    } else if readers > 1 {
      Logging.warn(
        "`shuffle` is false, but the input data stream is still slightly shuffled since `num_readers` > 1.")
    }
    let records = names.repeated(epochs > 0 ? epochs : nil)
      .interleaved(cycle: readers, block: blockLength) { read($0) }
    return shuffles ? records.shuffled(buffer: shuffleBuffer, seed: seed) : records
  }
}

import EspalierData
import EspalierFormats
import EspalierGraph

/// The images of CIFAR-10 and CIFAR-100 for the older network.
///
/// Source: `build_input` of `research/resnet/cifar_input.py` of tensorflow/models.
public enum ResidualInput {
  /// The data sets there are.
  public enum DataSet: String, CaseIterable, Sendable {
    case cifar10, cifar100

    /// The number of classes.
    public var classCount: Int { self == .cifar10 ? 10 : 100 }
    /// Where the class stands in a record: CIFAR-100 has one of twenty coarser classes before it.
    var labelOffset: Int { self == .cifar10 ? 0 : 1 }
  }

  /// Returns batches of standardized images `[batchSize, 32, 32, 3]` and their classes.
  ///
  /// Those for training are shifted by up to two pixels, perhaps flipped, shuffled, and come without end; the others
  /// come in order and once. Only full batches come.
  ///
  /// - Parameters:
  ///   - patterns: The files of the binary version, `cifar-10-batches-bin/data_batch_*.bin`.
  ///   - oneHot: Whether a class is a vector with a one in its place, float32 `[batchSize, classes]`, rather than a
  ///     number, int32 `[batchSize]`.
  ///   - threads: How many threads prepare images.
  ///   - seed: Draws order and distortions; nil draws differently each time.
  /// - Throws: `ResNetError` if there are no such files.
  public static func batches(
    _ dataSet: DataSet, _ patterns: [String], batchSize: Int, isTraining: Bool, oneHot: Bool = false, threads: Int = 2,
    seed: UInt64? = nil
  ) throws -> Dataset<Sample> {
    let files = patterns.flatMap(Files.paths)
    guard !files.isEmpty else { throw ResNetError("no file matches \(patterns.joined(separator: ", "))") }
    let recordBytes = dataSet.labelOffset + OfficialCifar10.recordBytes
    var records = Dataset.fixedLengthRecords(files, recordBytes: recordBytes)
    // As many as the queue of the published program holds.
    if isTraining { records = records.shuffled(buffer: 16 * batchSize, seed: seed).repeated() }
    return records.map(threads: threads, seed: seed) { record, random in
      let record = Array(record.dropFirst(dataSet.labelOffset))
      let sample = try OfficialCifar10.sample(
        record, shift: 2, isTraining: isTraining, dataType: .float32, using: &random)
      return oneHot ? try Self.oneHot(sample, dataSet.classCount) : sample
    }.batched(batchSize, dropsRemainder: true).prefetched(2)
  }

  private static func oneHot(_ sample: Sample, _ count: Int) throws -> Sample {
    guard let label = try sample.labels?.only?.doubles().first else { throw ResNetError("a sample has no class") }
    let vector = (0..<count).map { Float($0 == Int(label) ? 1 : 0) }
    return Sample(features: sample.features, labels: .single(HostTensor(vector)))
  }
}

import EspalierData
import EspalierGraph

extension OfficialResNet {
  /// Makes a sample of a record: for training with random distortions, otherwise always alike.
  public typealias ParseRecord =
    @Sendable (
      _ record: [UInt8], _ isTraining: Bool, _ random: inout ElementRandom
    ) throws -> Sample

  /// Returns batches of what `parse` makes of records.
  ///
  /// - Parameters:
  ///   - records: The records of one epoch.
  ///   - shuffleBuffer: The records among which the next one is drawn; training only.
  ///   - epochs: How many times the records come; nil means without end.
  ///   - threads: How many threads parse, several records ahead.
  ///   - dropsRemainder: Whether a last batch that is smaller is left out.
  ///   - seed: Draws order and distortions; nil draws differently each time.
  ///
  /// Source: `process_record_dataset` of `official/resnet/resnet_run_loop.py`.
  public static func processRecordDataset(
    _ records: Dataset<[UInt8]>, isTraining: Bool, batchSize: Int, shuffleBuffer: Int, epochs: Int? = 1,
    threads: Int = 2, dropsRemainder: Bool = false, seed: UInt64? = nil, parse: @escaping ParseRecord
  ) -> Dataset<Sample> {
    var records = records.prefetched(batchSize)
    if isTraining { records = records.shuffled(buffer: shuffleBuffer, seed: seed) }
    return records.repeated(epochs)
      .map(threads: threads, seed: seed) { try parse($0, isTraining, &$1) }
      .batched(batchSize, dropsRemainder: dropsRemainder)
      .prefetched(2)
  }

  /// Returns the same batch of noise again and again: for measuring, without any data.
  ///
  /// Pixels are normally distributed around 127, labels are drawn evenly from all classes but the last.
  ///
  /// - Parameter batches: How many times it comes; nil means without end.
  ///
  /// Source: `get_synth_input_fn` of `official/resnet/resnet_run_loop.py`.
  public static func synthInputFn(
    height: Int, width: Int, channels: Int, classCount: Int, batchSize: Int, batches: Int? = nil,
    dataType: DataType = .float32, seed: UInt64 = 0
  ) throws -> Dataset<Sample> {
    var random = ElementRandom(seed: seed, element: 0)
    let pixels = (0..<batchSize * height * width * channels).map { _ in Float(127 + 60 * truncatedNormal(&random)) }
    let labels = (0..<batchSize).map { _ in Int32.random(in: 0..<Int32(max(1, classCount - 1)), using: &random) }
    let shape = [batchSize, height, width, channels]
    let images =
      dataType == .float16
      ? try HostTensor(pixels.map { Half($0) }, shape: shape) : try HostTensor(pixels, shape: shape)
    return Dataset.elements([Sample(features: images, labels: HostTensor(labels))]).repeated(batches).prefetched(2)
  }

  /// Returns a normally distributed number no further than 2 from 0, as a sum of twelve would nearly be.
  private static func truncatedNormal(_ random: inout ElementRandom) -> Double {
    while true {
      // The polar method of Marsaglia.
      let (u, v) = (Double.random(in: -1...1, using: &random), Double.random(in: -1...1, using: &random))
      let square = u * u + v * v
      guard square > 0, square < 1 else { continue }
      let number = u * (-2 * logarithm(square) / square).squareRoot()
      if abs(number) <= 2 { return number }
    }
  }
}

import EspalierFormats

/// The images of CIFAR-10 as a pipeline from TFRecords to batches.
///
///     try Cifar10Dataset.writeRecords(ofArchive: "data/cifar-10-python.tar.gz", to: "data") { print($0) }
///     let batches = Cifar10Dataset(dataDir: "data", subset: .train).batches(of: 128)
///
/// Source: `Cifar10DataSet` of TensorFlow's CIFAR-10 estimator tutorial.
public struct Cifar10Dataset: Sendable {
  /// The rows and the columns of an image.
  public static let imageSize = 32
  /// The channels of an image.
  public static let depth = 3

  private let files: [String]
  private let subset: Subset
  private let usesDistortion: Bool

  /// Returns the images of a subset.
  ///
  /// - Parameters:
  ///   - dataDir: The folder of the TFRecords.
  ///   - useDistortion: Whether images to train on are shifted and mirrored; others never are.
  public init(dataDir: String, subset: Subset = .train, useDistortion: Bool = true) {
    self.init(files: [subset.file(in: dataDir)], subset: subset, useDistortion: useDistortion)
  }

  /// Returns the images of files that `CifarBatch.writeRecords` wrote, wherever they are.
  public init(files: [String], subset: Subset = .train, useDistortion: Bool = true) {
    self.files = files
    self.subset = subset
    usesDistortion = useDistortion && subset == .train
  }

  /// Returns the batches: images `[N, 32, 32, 3]` from 0 to 255 and labels `[N]` of int32. Those to train on come
  /// without end, shuffled and distorted; the others once and in order.
  ///
  /// - Parameters:
  ///   - threads: How many threads parse and distort; 0 leaves it to the reader.
  ///   - seed: Draws the order and the distortions; nil draws differently each time.
  public func batches(of size: Int, threads: Int = 0, seed: UInt64? = nil) -> Dataset<Sample> {
    var records = Dataset.tfRecords(files)
    if subset == .train { records = records.repeated() }
    var images = records.map(threads: threads, seed: seed) { [usesDistortion] record, random in
      let image = try LabeledImage(cifarRecord: record)
      return usesDistortion ? try image.distorted(using: &random) : image
    }
    if subset == .train {
      // Large enough to mix well: 40 % of an epoch.
      images = images.shuffled(buffer: subset.examplesPerEpoch * 2 / 5 + 3 * size, seed: seed)
    }
    return images.batched(size, threads: threads)
  }
}

extension LabeledImage {
  /// Returns the image, `[32, 32, 3]`, and the label of a record that `CifarBatch.writeRecords` wrote.
  ///
  /// - Throws: `FormatError` if it is no serialized `Example`; `DatasetError` if that holds something else.
  public init(cifarRecord record: [UInt8]) throws {
    let example = try Example(serialized: record)
    guard case .bytes(let images)? = example.features["image"], let planes = images.first,
      case .int64(let labels)? = example.features["label"], let label = labels.first
    else { throw DatasetError("a record holds no 'image' of bytes or no 'label' of integers") }
    let size = Cifar10Dataset.imageSize
    // Stored as [depth, height, width], wanted as [height, width, depth].
    let image = try ByteImage(planes: planes, height: size, width: size, depth: Cifar10Dataset.depth)
    self.init(image, label: Int32(truncatingIfNeeded: label))
  }

  /// Returns the image shifted by up to 4 pixels and perhaps mirrored.
  fileprivate func distorted(using random: inout ElementRandom) throws -> LabeledImage {
    LabeledImage(
      try image.randomlyShifted(by: 4, using: &random).randomlyFlippedLeftRight(using: &random), label: label)
  }
}

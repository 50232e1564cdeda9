import Espalier

/// The CIFAR-10 images as a pipeline from TFRecords to batches.
struct Cifar10Dataset {
  static let height = 32
  static let width = 32
  static let depth = 3

  let dataDir: String
  let subset: String
  let useDistortion: Bool

  init(dataDir: String, subset: String = "train", useDistortion: Bool = true) {
    self.dataDir = dataDir
    self.subset = subset
    self.useDistortion = useDistortion
  }

  /// The TFRecord files of the subset.
  func files() throws -> [String] {
    _ = try Self.examplesPerEpoch(subset)
    return [dataDir + "/" + subset + ".tfrecords"]
  }

  /// Returns the batches: the training set without end, shuffled and distorted; the other sets once and in order.
  func batches(of size: Int, seed: UInt64?) throws -> Dataset<Sample> {
    var records = Dataset.tfRecords(try files())
    if subset == "train" { records = records.repeated() }
    var images = records.map(seed: seed) { [self] record, random in
      try preprocess(try Self.parse(record), using: &random)
    }
    if subset == "train" {
      // Large enough to mix well: 40 % of an epoch.
      let buffer = Int(Double(try Self.examplesPerEpoch(subset)) * 0.4) + 3 * size
      images = images.shuffled(buffer: buffer, seed: seed)
    }
    return images.batched(size)
  }

  /// Returns the image, `[32, 32, 3]`, and the label of a serialized `Example`.
  static func parse(_ record: [UInt8]) throws -> LabeledImage {
    let example = try Example(serialized: record)
    guard case .bytes(let images)? = example.features["image"], let planes = images.first,
      case .int64(let labels)? = example.features["label"], let label = labels.first
    else { throw DataError("a record holds no 'image' of bytes or no 'label' of integers") }
    // Stored as [depth, height, width], wanted as [height, width, depth].
    let image = try ByteImage(planes: planes, height: height, width: width, depth: depth)
    return LabeledImage(image, label: Int32(truncatingIfNeeded: label))
  }

  /// Returns the image shifted by up to 4 pixels and perhaps flipped, if it is for training.
  func preprocess(_ labeled: LabeledImage, using random: inout ElementRandom) throws -> LabeledImage {
    guard subset == "train", useDistortion else { return labeled }
    let padded = try labeled.image.resizedWithCropOrPad(height: 40, width: 40)
    let cropped = try padded.randomlyCropped(height: Self.height, width: Self.width, using: &random)
    return LabeledImage(cropped.randomlyFlippedLeftRight(using: &random), label: labeled.label)
  }

  /// Returns the number of images that the tutorial's schedule counts as an epoch.
  static func examplesPerEpoch(_ subset: String) throws -> Int {
    switch subset {
    case "train": 45_000
    case "validation": 5_000
    case "eval": 10_000
    default: throw DataError("Invalid data subset \"\(subset)\"")
    }
  }
}

import EspalierData
import EspalierEstimator
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// ImageNet for the official loop.
///
/// Source: `official/resnet/imagenet_main.py`.
public enum OfficialImagenet {
  /// Rows and columns, and channels of an image.
  public static let imageSize = 224
  public static let channels = 3
  public static let classCount = 1001
  public static let trainImageCount = 1_281_167
  static let shuffleBuffer = 10_000

  /// The data set and its network.
  public static var module: OfficialModule {
    OfficialModule(
      name: "ImageNet", imageShape: [imageSize, imageSize, channels], classCount: classCount,
      imageCount: trainImageCount, modelFunction: modelFunction, inputFunction: inputFunction)
  }

  /// The defaults of the official program.
  public static var defaults: OfficialOptions {
    var options = OfficialOptions()
    options.trainEpochs = 90
    options.modelDir = "/tmp/imagenet_model"
    return options
  }

  /// Returns the files of the records: 1024 of training, 128 of validation.
  public static func files(isTraining: Bool, in directory: String) -> [String] {
    let (kind, count) = isTraining ? ("train", 1024) : ("validation", 128)
    func five(_ number: Int) -> String { String(String(100_000 + number).dropFirst()) }
    return (0..<count).map { FilePath.join(directory, "\(kind)-\(five($0))-of-\(five(count))") }
  }

  /// What a record of ImageNet says.
  public struct Record: Sendable, Equatable {
    /// The image file, a JPEG.
    public var image: [UInt8]
    /// The class, from 1.
    public var label: Int
    /// Where things are in the image.
    public var boxes: [BoundingBox]

    /// Returns what a serialized `Example` says: `image/encoded`, `image/class/label`, `image/object/bbox/ymin`…
    ///
    /// - Throws: `ResNetError` if there is no image or no label; `FormatError` if it is no `Example`.
    public init(serialized: [UInt8]) throws {
      let features = try Example(serialized: serialized).features
      guard case .bytes(let images)? = features["image/encoded"], let image = images.first,
        case .int64(let labels)? = features["image/class/label"], let label = labels.first
      else { throw ResNetError("a record holds no 'image/encoded' or no 'image/class/label'") }
      self.image = image
      self.label = Int(label)
      func edges(_ name: String) -> [Float] {
        if case .float(let values)? = features["image/object/bbox/" + name] { return values }
        return []
      }
      let (top, left) = (edges("ymin"), edges("xmin"))
      let (bottom, right) = (edges("ymax"), edges("xmax"))
      let count = min(top.count, left.count, bottom.count, right.count)
      boxes = (0..<count).map {
        BoundingBox(top: Double(top[$0]), left: Double(left[$0]), bottom: Double(bottom[$0]), right: Double(right[$0]))
      }
    }
  }

  /// Returns the sample of a record.
  public static func parse(
    _ record: [UInt8], isTraining: Bool, dataType: DataType, using random: inout ElementRandom
  ) throws -> Sample {
    let record = try Record(serialized: record)
    let pixels = try decodeImage(record.image, channels: channels, expandAnimations: false).asFloat32()
    let image = try ImagenetPreprocessing.preprocess(
      pixels, boxes: record.boxes, size: imageSize, isTraining: isTraining, using: &random)
    return Sample(features: try image.stored(as: dataType), labels: HostTensor(Int32(record.label)))
  }

  /// Returns the input of training or evaluation.
  public static func inputFunction(
    isTraining: Bool, epochs: Int?, options: OfficialOptions
  ) throws -> Dataset<Sample> {
    var paths = files(isTraining: isTraining, in: options.dataDir)
    guard paths.contains(where: { Files.exist(at: $0) }) else {
      throw ResNetError("\(paths[0]) is not there: --data_dir must hold ImageNet as TFRecords")
    }
    let seed = options.seed == 0 ? nil : UInt64(clamping: options.seed)
    if isTraining {
      var random = ElementRandom(seed: seed ?? .random(in: 0 ... .max), element: 0)
      paths.shuffle(using: &random)
    }
    let dataType = options.dataType
    return OfficialResNet.processRecordDataset(
      Dataset.tfRecords(paths), isTraining: isTraining, batchSize: options.batchSize, shuffleBuffer: shuffleBuffer,
      epochs: epochs, threads: options.datasetsNumPrivateThreads, seed: seed
    ) { record, isTraining, random in
      try parse(record, isTraining: isTraining, dataType: dataType, using: &random)
    }
  }

  /// Returns the specification of an estimator: all variables decay but those of batch normalisation.
  public static func modelFunction(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, options: OfficialOptions
  ) throws -> EstimatorSpec {
    let model = try ImagenetModel(
      resnetSize: options.size, resnetVersion: options.version, dataFormat: options.axes, dataType: options.dataType)
    // A network that is trained already needs no warming up.
    let rate = LearningRateWithDecay(
      batchSize: options.batchSize, batchDenominator: 256, imageCount: trainImageCount,
      boundaryEpochs: [30, 60, 80, 90], decayRates: [1, 0.1, 0.01, 0.001, 1e-4],
      baseRate: options.fineTune ? 0.1 : 0.128, warmUp: !options.fineTune)
    var training = OfficialTraining(model: model, weightDecay: options.weightDecay) { rate($0) }
    training.lossScale = options.scaleOfLoss
    training.fineTune = options.fineTune
    training.labelSmoothing = options.labelSmoothing
    return try training.modelFn(features: features, labels: labels, mode: mode)
  }
}

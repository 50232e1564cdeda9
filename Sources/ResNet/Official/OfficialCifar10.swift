import EspalierData
import EspalierEstimator
import EspalierFormats
import EspalierGraph
import EspalierLayers

/// CIFAR-10 for the official loop.
///
/// Source: `official/resnet/cifar10_main.py`.
public enum OfficialCifar10 {
  /// Rows and columns, and channels of an image.
  public static let imageSize = 32
  public static let channels = 3
  static let recordBytes = imageSize * imageSize * channels + 1
  public static let trainImageCount = 50_000

  /// The data set and its network.
  public static var module: OfficialModule {
    OfficialModule(
      name: "CIFAR-10", imageShape: [imageSize, imageSize, channels], classCount: 10, imageCount: trainImageCount,
      modelFunction: modelFunction, inputFunction: inputFunction)
  }

  /// The defaults of the official program.
  public static var defaults: OfficialOptions {
    var options = OfficialOptions()
    options.dataDir = "/tmp/cifar10_data/cifar-10-batches-bin"
    options.modelDir = "/tmp/cifar10_model"
    options.resnetSize = "56"
    options.trainEpochs = 182
    options.epochsBetweenEvals = 10
    options.batchSize = 128
    return options
  }

  /// Returns the files of the images.
  ///
  /// - Throws: `ResNetError` if they are not there.
  public static func files(isTraining: Bool, in directory: String) throws(ResNetError) -> [String] {
    let names = isTraining ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"]
    let paths = names.map { FilePath.join(directory, $0) }
    if let missing = paths.first(where: { !Files.exist(at: $0) }) {
      throw ResNetError("\(missing) is not there: --data_dir must hold the binary version of CIFAR-10")
    }
    return paths
  }

  /// Returns the sample of a record: a byte for the class, then red, green and blue plane by plane.
  ///
  /// Images are standardized; those for training are shifted by up to four pixels and perhaps flipped before.
  public static func parse(
    _ record: [UInt8], isTraining: Bool, dataType: DataType, using random: inout ElementRandom
  ) throws -> Sample {
    try sample(record, shift: 4, isTraining: isTraining, dataType: dataType, using: &random)
  }

  /// Returns the sample of a record whose image is shifted by up to `shift` pixels for training.
  static func sample(
    _ record: [UInt8], shift: Int, isTraining: Bool, dataType: DataType, using random: inout ElementRandom
  ) throws -> Sample {
    guard let label = record.first, record.count == recordBytes else {
      throw ResNetError("a record of CIFAR has \(recordBytes) bytes, not \(record.count)")
    }
    var image = try ByteImage(planes: Array(record.dropFirst()), height: imageSize, width: imageSize, depth: channels)
    if isTraining {
      image = try image.randomlyShifted(by: shift, using: &random).randomlyFlippedLeftRight(using: &random)
    }
    return Sample(features: try image.standardized().tensor().stored(as: dataType), labels: HostTensor(Int32(label)))
  }

  /// Returns the input of training or evaluation.
  public static func inputFunction(
    isTraining: Bool, epochs: Int?, options: OfficialOptions
  ) throws -> Dataset<Sample> {
    let dataType = options.dataType
    return OfficialResNet.processRecordDataset(
      Dataset.fixedLengthRecords(try files(isTraining: isTraining, in: options.dataDir), recordBytes: recordBytes),
      isTraining: isTraining, batchSize: options.batchSize, shuffleBuffer: trainImageCount, epochs: epochs,
      threads: options.datasetsNumPrivateThreads, seed: options.seed == 0 ? nil : UInt64(clamping: options.seed)
    ) { record, isTraining, random in
      try parse(record, isTraining: isTraining, dataType: dataType, using: &random)
    }
  }

  /// Returns the specification of an estimator: all variables decay, with twice the usual weight.
  public static func modelFunction(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, options: OfficialOptions
  ) throws -> EstimatorSpec {
    guard !options.imageBytesAsServingInput else {
      throw ResNetError("image_bytes_as_serving_input cannot be used with CIFAR-10")
    }
    let model = try Cifar10Model(
      resnetSize: options.size, resnetVersion: options.version, dataFormat: options.axes, dataType: options.dataType)
    let rate = LearningRateWithDecay(
      batchSize: options.batchSize, batchDenominator: 128, imageCount: trainImageCount,
      boundaryEpochs: [91, 136, 182], decayRates: [1, 0.1, 0.01, 0.001])
    var training = OfficialTraining(model: model, weightDecay: 2e-4) { rate($0) }
    training.lossFilter = { _ in true }
    training.lossScale = options.scaleOfLoss
    training.fineTune = options.fineTune
    return try training.modelFn(features: features, labels: labels, mode: mode)
  }
}

extension HostTensor {
  /// Returns a float32 tensor in single or half precision.
  func stored(as dataType: DataType) throws -> HostTensor {
    dataType == .float16 ? try HostTensor(scalars(as: Float.self).map { Half($0) }, shape: shape) : self
  }
}

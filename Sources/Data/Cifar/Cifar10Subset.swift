import EspalierFormats

extension Cifar10Dataset {
  /// A part of CIFAR-10, as the tutorial cuts it.
  public enum Subset: String, CaseIterable, Sendable {
    /// Four of the five training batches.
    case train
    /// The fifth training batch.
    case validation
    /// The test batch.
    case eval

    /// Returns the subset with this name.
    ///
    /// - Throws: `DatasetError` if there is none.
    public init(named name: String) throws {
      guard let subset = Subset(rawValue: name) else { throw DatasetError("Invalid data subset \"\(name)\"") }
      self = subset
    }

    /// The batches of the archive that it holds.
    public var batchNames: [String] {
      switch self {
      case .train: (1...4).map { "data_batch_\($0)" }
      case .validation: ["data_batch_5"]
      case .eval: ["test_batch"]
      }
    }

    /// The number of images that the tutorial's schedule counts as an epoch. The files of `train` and `validation`
    /// hold 40,000 and 10,000.
    public var examplesPerEpoch: Int {
      switch self {
      case .train: 45_000
      case .validation: 5_000
      case .eval: 10_000
      }
    }

    /// Returns the path of its TFRecords in a folder.
    public func file(in dataDir: String) -> String { FilePath.join(dataDir, rawValue + ".tfrecords") }
  }

  /// Returns whether the TFRecords of all subsets are in a folder.
  public static func recordsExist(in dataDir: String) -> Bool {
    Subset.allCases.allSatisfy { Files.exist(at: $0.file(in: dataDir)) }
  }

  /// Writes the TFRecords of all subsets into a folder.
  ///
  /// - Parameters:
  ///   - archive: The path of `cifar-10-python.tar.gz`, or of the folder that it unpacks to.
  ///   - progress: Called with the path of each file before it is written.
  /// - Throws: `FormatError` if the archive cannot be read or a file cannot be written.
  ///
  /// Source: `generate_cifar10_tfrecords.py` of TensorFlow's CIFAR-10 estimator tutorial.
  public static func writeRecords(
    ofArchive archive: String, to dataDir: String, progress: (_ file: String) -> Void = { _ in }
  ) throws {
    let batches = try CifarArchive.batches(path: archive)
    for subset in Subset.allCases {
      let file = subset.file(in: dataDir)
      progress(file)
      try CifarBatch.writeRecords(subset.batchNames.compactMap { batches[$0] }, to: file)
    }
  }
}

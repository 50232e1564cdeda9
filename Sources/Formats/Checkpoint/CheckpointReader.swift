import EspalierGraph

/// Reads the tensors of a checkpoint (TensorFlow's format V2, a "tensor bundle").
///
///     let checkpoint = try CheckpointReader(prefix: "run/model.ckpt-1000")
///     for variable in checkpoint.variables { print(variable.name, variable.dataType, variable.shape) }
///     let kernel = try checkpoint.tensor(named: "dense/kernel")
///
/// The index is read and verified when the checkpoint is opened, the data of a tensor when it is asked for. Checkpoints
/// in several shards, partitioned variables and object-based checkpoints of TensorFlow 2 are read too; of the latter,
/// tensors are found by their own names and by those of their variables.
///
/// Source: `tf.train.load_checkpoint`, `tf.train.list_variables`, `tensorflow/core/util/tensor_bundle`.
public struct CheckpointReader: Sendable {
  /// A tensor of a checkpoint.
  public struct Variable: Hashable, Sendable {
    /// The full name, without a colon: `resnet/conv1/kernel`.
    public let name: String
    /// The element type.
    public let dataType: DataType
    /// The extents; of a partitioned variable those of the whole.
    public let shape: [Int]
  }

  /// The path of the files, up to `.index`.
  public let prefix: String
  /// All tensors, in byte order of their names.
  public let variables: [Variable]

  private let entries: [[UInt8]: BundleEntry]
  private let shards: ShardFiles
  /// The keys of tensors by the names of their variables, in an object-based checkpoint.
  private var objectKeys: [String: String] = [:]

  /// Opens a checkpoint.
  ///
  /// - Parameter prefix: The path of its files up to `.index`, as `latestCheckpoint(in:)` returns it.
  /// - Throws: `FormatError` if there is no index or it is damaged.
  public init(prefix: String) throws(FormatError) {
    try self.init(prefix: prefix, fileSystem: LocalFileSystem())
  }

  package init(prefix: String, fileSystem: any FileSystem) throws(FormatError) {
    let file = CheckpointFiles.index(prefix)
    let table = try TableReader(fileSystem.contents(of: file), file: file)
    guard let first = table.entries.first, first.key.isEmpty else {
      throw FormatError(.dataLoss, file: file, "the index has no header")
    }
    let header = try BundleHeader(first.value)
    var entries: [[UInt8]: BundleEntry] = [:]
    var variables: [Variable] = []
    for (key, value) in table.entries.dropFirst().map({ ($0.key, $0.value) }) {
      let entry = try BundleEntry(value)
      guard (0..<header.shardCount).contains(entry.shard) else {
        throw value.error("a tensor is in shard \(entry.shard) of \(header.shardCount)")
      }
      entries[key] = entry
      // Keys that start with 0 are slices of partitioned variables.
      guard key.first != 0, let type = DataType(tensorFlowNumber: entry.typeNumber) else { continue }
      guard let name = String(validating: key, as: UTF8.self) else {
        throw value.error("the name of a tensor is not UTF-8")
      }
      variables.append(Variable(name: name, dataType: type, shape: entry.shape))
    }
    self.prefix = prefix
    self.variables = variables
    self.entries = entries
    shards = ShardFiles(prefix: prefix, count: header.shardCount, fileSystem: fileSystem)
    // A damaged one is an error of who asks for that tensor: all others are there without it.
    if entries[Array(ObjectGraph.key.utf8)] != nil,
      let bytes = (try? tensor(named: ObjectGraph.key).strings())?.first
    {
      objectKeys = (try? ObjectGraph(serialized: bytes, file: file))?.keys ?? [:]
    }
  }

  /// Returns the key under which the index has a tensor of this name.
  private func key(_ name: String) -> [UInt8] {
    let own = Array(name.utf8)
    if entries[own] != nil { return own }
    return objectKeys[name].map { Array($0.utf8) } ?? own
  }

  /// Returns whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool {
    entries[key(name)] != nil
  }

  /// Returns what is known of the tensor of this name, or nil if there is none.
  public func variable(named name: String) -> Variable? {
    guard let entry = entries[key(name)] else { return nil }
    guard let type = DataType(tensorFlowNumber: entry.typeNumber) else { return nil }
    return Variable(name: name, dataType: type, shape: entry.shape)
  }

  /// Returns the value of a tensor.
  ///
  /// - Throws: `FormatError` of kind `notFound` if there is none of this name, and of kind `dataLoss`, naming the
  ///   tensor and the data file, if the file is missing, too short or contradicts the checksum.
  public func tensor(named name: String) throws(FormatError) -> HostTensor {
    let key = key(name)
    guard let entry = entries[key] else {
      throw FormatError(.notFound, file: prefix, "the checkpoint has no tensor \(name)")
    }
    let tensor = BundleTensor(name: name, entry: entry, shards: shards)
    return entry.slices.isEmpty ? try tensor.value() : try merged(tensor, key)
  }

  /// Reads all data and compares them with their checksums.
  ///
  /// - Throws: `FormatError` at the first tensor that cannot be read.
  public func verify() throws(FormatError) {
    for variable in variables { _ = try tensor(named: variable.name) }
  }

  /// Returns the whole of a partitioned variable.
  private func merged(_ whole: BundleTensor, _ key: [UInt8]) throws(FormatError) -> HostTensor {
    let parts = try whole.entry.slices.map { slice throws(FormatError) in
      guard let entry = entries[OrderedCode.key(of: key, slice: slice)] else {
        throw whole.error("a slice of it is not in the index")
      }
      guard let ranges = slice.ranges(in: whole.entry.shape), ranges.map(\.count) == entry.shape,
        entry.typeNumber == whole.entry.typeNumber
      else { throw whole.error("a slice of shape \(entry.shape) does not fit into \(whole.entry.shape)") }
      return SliceMerge.Part(ranges: ranges, tensor: BundleTensor(name: whole.name, entry: entry, shards: shards))
    }
    return try SliceMerge(whole: whole, parts: parts).value()
  }
}

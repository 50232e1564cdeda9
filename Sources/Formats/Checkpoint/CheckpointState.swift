/// What the file `checkpoint` of a model directory says: which checkpoints there are, and which is the latest.
///
/// Source: `tf.train.get_checkpoint_state`, `CheckpointState` in
/// `tensorflow/python/training/checkpoint_state.proto`.
public struct CheckpointState: Hashable, Sendable {
  /// The latest checkpoint, as written: usually relative to the directory of the file. Empty if none is named.
  public var modelCheckpointPath: String
  /// All checkpoints that are kept, the oldest first.
  public var allModelCheckpointPaths: [String]
  /// When each of `allModelCheckpointPaths` was written, in seconds since 1970; empty if that is not recorded.
  public var allModelCheckpointTimestamps: [Double]
  /// When a checkpoint was last kept for good, in seconds since 1970; 0 if that is not recorded.
  public var lastPreservedTimestamp: Double

  /// Returns a state.
  public init(
    modelCheckpointPath: String = "", allModelCheckpointPaths: [String] = [],
    allModelCheckpointTimestamps: [Double] = [], lastPreservedTimestamp: Double = 0
  ) {
    self.modelCheckpointPath = modelCheckpointPath
    self.allModelCheckpointPaths = allModelCheckpointPaths
    self.allModelCheckpointTimestamps = allModelCheckpointTimestamps
    self.lastPreservedTimestamp = lastPreservedTimestamp
  }

  /// Returns the state that `text` (protobuf's text form) says.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` if it is not such a text.
  public init(text: [UInt8], file: String = "checkpoint") throws(FormatError) {
    self.init()
    var reader = TextProtoReader(text, file: file)
    for field in try reader.fields() {
      switch field.name {
      case "model_checkpoint_path": modelCheckpointPath = try field.string(file)
      case "all_model_checkpoint_paths": allModelCheckpointPaths.append(try field.string(file))
      case "all_model_checkpoint_timestamps": allModelCheckpointTimestamps.append(try field.double(file))
      case "last_preserved_timestamp": lastPreservedTimestamp = try field.double(file)
      default: throw FormatError(.dataLoss, file: file, offset: field.offset, "there is no field \(field.name)")
      }
    }
  }

  /// The text as TensorFlow writes it.
  public var text: String {
    var lines: [String] = []
    if !modelCheckpointPath.isEmpty { lines.append("model_checkpoint_path: \(TextProto.quoted(modelCheckpointPath))") }
    lines += allModelCheckpointPaths.map { "all_model_checkpoint_paths: \(TextProto.quoted($0))" }
    lines += allModelCheckpointTimestamps.map { "all_model_checkpoint_timestamps: \($0)" }
    if lastPreservedTimestamp != 0 { lines.append("last_preserved_timestamp: \(lastPreservedTimestamp)") }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension TextField {
  fileprivate func string(_ file: String) throws(FormatError) -> String {
    guard case .string(let bytes) = value, let string = String(validating: bytes, as: UTF8.self) else {
      throw FormatError(.dataLoss, file: file, offset: offset, "\(name) is not a string in UTF-8")
    }
    return string
  }

  fileprivate func double(_ file: String) throws(FormatError) -> Double {
    guard case .scalar(let text) = value, let number = Double(text) else {
      throw FormatError(.dataLoss, file: file, offset: offset, "\(name) is not a number")
    }
    return number
  }
}

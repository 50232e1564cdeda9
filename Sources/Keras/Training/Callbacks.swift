import EspalierEstimator
import EspalierFormats
import EspalierGraph

extension Keras {
  /// What takes part in training; all calls have empty defaults.
  ///
  /// Source: `tf.keras.callbacks.Callback`.
  public protocol Callback: AnyObject {
    /// Called before the first epoch.
    func onTrainBegin(_ model: Model) throws
    /// Called after each batch, with the means of the epoch so far.
    func onTrainBatchEnd(_ model: Model, epoch: Int, batch: Int, logs: [String: Double]) throws
    /// Called after each epoch, counted from 0, with its numbers; returns whether training should stop.
    func onEpochEnd(_ model: Model, epoch: Int, logs: [String: Double]) throws -> Bool
    /// Called after the last epoch.
    func onTrainEnd(_ model: Model) throws
  }

  /// Writes the numbers of each epoch for TensorBoard: `epoch_loss`… below `train` and `validation`.
  ///
  /// Source: `tf.keras.callbacks.TensorBoard`.
  public final class TensorBoard: Callback {
    private let directory: String
    private var writers: [String: EventFileWriter] = [:]

    /// Returns a callback that writes below this directory.
    public init(logDir: String) { directory = logDir }

    public func onEpochEnd(_ model: Model, epoch: Int, logs: [String: Double]) throws -> Bool {
      for (name, value) in logs.sorted(by: { $0.key < $1.key }) {
        let isValidation = name.hasPrefix("val_")
        let tag = "epoch_" + (isValidation ? String(name.dropFirst(4)) : name)
        try writer(isValidation ? "validation" : "train").add(Summary([.scalar(tag, Float(value))]), step: epoch)
      }
      for writer in writers.values { try writer.flush() }
      return false
    }

    private func writer(_ part: String) throws -> EventFileWriter {
      if let known = writers[part] { return known }
      let made = try EventFileWriter(directory: FilePath.join(directory, part))
      writers[part] = made
      return made
    }

    public func onTrainEnd(_ model: Model) throws {
      for writer in writers.values { try writer.close() }
      writers = [:]
    }
  }

  /// Saves all variables after each epoch, in checkpoints numbered by the epochs that are done, and where random numbers
  /// stand, so that dropout goes on with those that come next.
  ///
  /// Source: `tf.keras.callbacks.ModelCheckpoint`.
  public final class ModelCheckpoint: Callback {
    private let directory: String
    private let saver: Saver

    /// Returns a callback that saves into this directory.
    public init(_ directory: String, keeping count: Int = 2) {
      self.directory = directory
      saver = Saver(maxToKeep: count)
    }

    public func onEpochEnd(_ model: Model, epoch: Int, logs: [String: Double]) throws -> Bool {
      try saver.saveWithRandomState(model.session, directory: directory, step: epoch + 1)
      return false
    }
  }
}

extension Keras.Callback {
  public func onTrainBegin(_ model: Keras.Model) throws {}
  public func onTrainBatchEnd(_ model: Keras.Model, epoch: Int, batch: Int, logs: [String: Double]) throws {}
  public func onEpochEnd(_ model: Keras.Model, epoch: Int, logs: [String: Double]) throws -> Bool { false }
  public func onTrainEnd(_ model: Keras.Model) throws {}
}

extension Keras.Model {
  /// Gives all variables, those of the optimizer included, the values of the latest checkpoint in a directory.
  ///
  /// - Returns: The number of epochs that were done then: the `initialEpoch` to go on with. 0 if there is no checkpoint.
  /// - Throws: `EstimatorError.restoreMismatch` if it is of another model; `FormatError` if it is damaged.
  @discardableResult
  public func restore(from directory: String) throws -> Int {
    guard let prefix = try latestCheckpoint(in: directory) else { return 0 }
    try Saver().restoreWithRandomState(session, from: prefix)
    return CheckpointDirectory.step(of: prefix) ?? 0
  }

  /// Saves all variables in a directory.
  public func save(to directory: String, epoch: Int = 0) throws {
    try Saver().saveWithRandomState(session, directory: directory, step: epoch)
  }
}

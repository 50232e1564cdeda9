/// What goes wrong in training, evaluation and prediction, in TensorFlow's words where it has words for it.
///
/// Errors of graphs, of their execution, of files, of datasets and of users' own closures pass through as they are.
public enum EstimatorError: Error, Sendable {
  /// An argument, a configuration or a specification that makes no sense.
  case invalidArgument(String)
  /// The loss is not a number any more.
  ///
  /// Source: `tf.train.NanLossDuringTrainingError`.
  case nanLoss
  /// Another process trains in the model directory.
  case modelDirectoryInUse(directory: String, process: Int?)
  /// A checkpoint that does not fit the model; nothing was restored.
  case restoreMismatch(RestoreReport)
  /// A signal asked the process to end; the state was saved at a step boundary first.
  case interrupted(signal: Int32)

  /// The status with which a program ends after this error, as `sysexits.h` and shells number them.
  public var exitCode: Int32 {
    switch self {
    case .invalidArgument: 64
    case .nanLoss: 70
    case .modelDirectoryInUse: 73
    case .restoreMismatch: 65
    case .interrupted(let signal): 128 + signal
    }
  }
}

extension EstimatorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidArgument(let message): message
    case .nanLoss: "NaN loss during training."
    case .modelDirectoryInUse(let directory, let process):
      "\(directory) is being trained in by process \(process.map(String.init) ?? "?"); "
        + "wait for it to end or choose another model directory."
    case .restoreMismatch(let report): report.description
    case .interrupted(let signal): "Training was interrupted by signal \(signal)."
    }
  }
}

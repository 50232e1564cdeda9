/// What a model is built for.
///
/// Source: `tf.estimator.ModeKeys`.
public enum ModeKeys: String, Hashable, Sendable, CaseIterable {
  /// Training: losses, gradients and updates.
  case train
  /// Evaluation: losses and metrics.
  case evaluate = "eval"
  /// Prediction: no labels are known.
  case predict = "infer"
}

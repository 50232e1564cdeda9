import EspalierGraph

/// Losses that keep variables small.
///
///     Layers.conv2D(x, filters: 16, kernelSize: 3, kernelRegularizer: Regularizers.l2(2e-4))
///
/// The losses join the collection `regularization_losses`.
public enum Regularizers {
  /// Returns `scale` times the sum of the absolute elements; nothing if `scale` is 0.
  ///
  /// Source: `tf.contrib.layers.l1_regularizer`.
  public static func l1(_ scale: Double) -> Regularizer {
    { value in
      scaled(scale, "l1_regularizer", value) { reduceSum(abs(value)) }
    }
  }

  /// Returns `scale` times half the sum of the squared elements; nothing if `scale` is 0.
  ///
  /// Source: `tf.contrib.layers.l2_regularizer`.
  public static func l2(_ scale: Double) -> Regularizer {
    { value in
      scaled(scale, "l2_regularizer", value) { l2Loss(value) }
    }
  }

  /// Returns the sum of the losses of several regularizers; nothing if they all say nothing.
  ///
  /// Source: `tf.contrib.layers.sum_regularizer`.
  public static func sum(_ regularizers: [Regularizer]) -> Regularizer {
    { value in
      let losses = regularizers.compactMap { $0(value) }
      return losses.isEmpty ? nil : addN(losses, name: "sum_regularizer")
    }
  }

  private static func scaled(_ scale: Double, _ name: String, _ value: Tensor, _ loss: () -> Tensor) -> Tensor? {
    if scale < 0 { return failedTensor("Setting a scale less than 0 on a regularizer: \(scale).") }
    if scale == 0 || value.isPoisoned { return nil }
    return nameScope(name) { multiply(scale.tensor(of: value.dataType, name: "scale"), loss(), name: currentScope) }
  }
}

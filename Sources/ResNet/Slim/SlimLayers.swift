import EspalierGraph
import EspalierLayers

extension Slim {
  /// Returns images convolved with trained weights: variables `weights` and `biases`, or `BatchNorm/…`.
  ///
  /// By default it pads as `same` does, applies relu, and normalises only where a scope says so.
  ///
  /// - Parameter rate: The distance of neighbouring taps of the kernel.
  ///
  /// Source: `slim.conv2d`.
  public static func conv2D(
    _ x: Tensor, _ filters: Int, _ kernelSize: Int, stride: Int = 1, rate: Int = 1, padding: Padding? = nil,
    activation: Activation?? = nil, normalizes: Bool? = nil, scope: String? = nil, file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    let given = arguments(of: .conv2D)
    return layer("Conv", scope, file, line) {
      guard let channels = x.shape[-1] else { return x }
      let weights = getVariable(
        "weights", shape: [kernelSize, kernelSize, channels, filters],
        initializer: given.weightsInitializer ?? Initializers.glorotUniform(), regularizer: given.weightsRegularizer,
        trainable: given.trainable ?? true)
      let y = EspalierGraph.conv2D(
        x, filter: weights.tensor, strides: (stride, stride), padding: padding ?? given.padding ?? .same,
        dilations: (rate, rate))
      return finished(
        y, filters, normalizes ?? given.normalizes ?? false, activation ?? given.activation ?? .some(.relu), given)
    }
  }

  /// Returns `count` values for each vector: variables `weights` and `biases`. By default it applies relu.
  ///
  /// Source: `slim.fully_connected`.
  public static func fullyConnected(
    _ x: Tensor, _ count: Int, activation: Activation?? = nil, normalizes: Bool? = nil, scope: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let given = arguments(of: .fullyConnected)
    return layer("fully_connected", scope, file, line) {
      guard let channels = x.shape[-1] else { return x }
      let weights = getVariable(
        "weights", shape: [channels, count], initializer: given.weightsInitializer ?? Initializers.glorotUniform(),
        regularizer: given.weightsRegularizer, trainable: given.trainable ?? true)
      return finished(
        matMul(x, weights.tensor), count, normalizes ?? given.normalizes ?? false,
        activation ?? given.activation ?? .some(.relu), given)
    }
  }

  /// Returns images normalised over the batch or by moving statistics: variables `BatchNorm/beta`…
  ///
  /// Source: `slim.batch_norm`.
  public static func batchNorm(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    let given = arguments(of: .batchNorm)
    return Layers.batchNormalization(
      x, momentum: given.decay ?? 0.999, epsilon: given.epsilon ?? 0.001, scale: given.scale ?? false,
      training: given.isTraining ?? true, trainable: given.trainable ?? true, name: "BatchNorm", file: file,
      line: line)
  }

  /// Returns the greatest element of each window; windows do not reach beyond the image unless a scope says so.
  ///
  /// Source: `slim.max_pool2d`.
  public static func maxPool2D(
    _ x: Tensor, _ size: Int, stride: Int = 2, padding: Padding? = nil, scope: String? = nil
  ) -> Tensor {
    Layers.maxPooling2D(
      x, poolSize: size, strides: stride, padding: padding ?? arguments(of: .maxPool2D).padding ?? .valid,
      name: scope ?? "MaxPool2D")
  }

  private static func layer(
    _ defaultName: String, _ scope: String?, _ file: StaticString, _ line: Int, _ body: () -> Tensor
  ) -> Tensor {
    withCallSite(file, line) {
      if let scope { return variableScope(scope, body) }
      return variableScope(defaultName: defaultName, body)
    }
  }

  /// Returns `y` with what follows a product: normalisation or bias, and activation.
  private static func finished(
    _ y: Tensor, _ count: Int, _ normalizes: Bool, _ activation: Activation?, _ given: Arguments
  ) -> Tensor {
    if y.isPoisoned { return y }
    if normalizes {
      let normed = batchNorm(y)
      return activation?(normed) ?? normed
    }
    let biases = getVariable(
      "biases", shape: [count], initializer: Initializers.zeros, trainable: given.trainable ?? true)
    let biased = biasAdd(y, biases.tensor)
    return activation?(biased) ?? biased
  }
}

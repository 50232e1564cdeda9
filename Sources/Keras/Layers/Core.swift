import EspalierGraph
import EspalierLayers

extension Keras {
  /// Normalises over the batch, with scale and shift: variables `gamma`, `beta`, `moving_mean`, `moving_variance`.
  ///
  /// Source: `tf.keras.layers.BatchNormalization`.
  public final class BatchNormalization: Layer {
    private let axis: Int
    private let momentum: Double
    private let epsilon: Double

    /// Returns a layer.
    public init(axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, name: String? = nil) {
      self.axis = axis
      self.momentum = momentum
      self.epsilon = epsilon
      super.init(name: name)
    }

    public override var defaultName: String { "batch_normalization" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.batchNormalization(
        inputs[0], axis: axis, momentum: momentum, epsilon: epsilon, training: training, name: name, reuse: .auto)
    }
  }

  /// max(0, x).
  ///
  /// Source: `tf.keras.layers.ReLU`.
  public final class ReLU: Layer {
    public override var defaultName: String { "re_lu" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      relu(inputs[0], name: name)
    }
  }

  /// Makes a vector of each example.
  ///
  /// Source: `tf.keras.layers.Flatten`.
  public final class Flatten: Layer {
    public override var defaultName: String { "flatten" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.flatten(inputs[0], name: name)
    }
  }

  /// The product with a trained matrix, plus a trained vector: variables `kernel` and `bias`.
  ///
  /// Source: `tf.keras.layers.Dense`.
  public final class Dense: Layer {
    private let units: Int
    private let activation: Activation?
    private let useBias: Bool

    /// Returns a layer of `units` values for each example.
    public init(_ units: Int, activation: Activation? = nil, useBias: Bool = true, name: String? = nil) {
      self.units = units
      self.activation = activation
      self.useBias = useBias
      super.init(name: name)
    }

    public override var defaultName: String { "dense" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.dense(inputs[0], units: units, activation: activation, useBias: useBias, name: name, reuse: .auto)
    }
  }

  /// Makes a random share of the values zero while training.
  ///
  /// Source: `tf.keras.layers.Dropout`.
  public final class Dropout: Layer {
    private let rate: Double

    /// Returns a layer that makes this share zero.
    public init(_ rate: Double, name: String? = nil) {
      self.rate = rate
      super.init(name: name)
    }

    public override var defaultName: String { "dropout" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.dropout(inputs[0], rate: rate, training: training, name: name)
    }
  }
}

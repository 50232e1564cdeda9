import EspalierGraph
import EspalierLayers

extension Keras {
  /// A convolution of images with trained kernels: variables `kernel` and `bias`.
  ///
  /// Source: `tf.keras.layers.Conv2D`.
  public final class Conv2D: Layer {
    private let filters: Int
    private let kernelSize: any SpatialSize
    private let strides: any SpatialSize
    private let padding: Padding
    private let activation: Activation?
    private let useBias: Bool
    private let kernelInitializer: Initializer?

    /// Returns a layer of `filters` channels.
    public init(
      _ filters: Int, _ kernelSize: any SpatialSize, strides: any SpatialSize = 1, padding: Padding = .valid,
      activation: Activation? = nil, useBias: Bool = true, kernelInitializer: Initializer? = nil, name: String? = nil
    ) {
      self.filters = filters
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.activation = activation
      self.useBias = useBias
      self.kernelInitializer = kernelInitializer
      super.init(name: name)
    }

    public override var defaultName: String { "conv2d" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.conv2D(
        inputs[0], filters: filters, kernelSize: kernelSize, strides: strides, padding: padding,
        activation: activation, useBias: useBias, kernelInitializer: kernelInitializer, name: name, reuse: .auto)
    }
  }

  /// The greatest element of each window.
  ///
  /// Source: `tf.keras.layers.MaxPool2D`.
  public final class MaxPool2D: Layer {
    private let poolSize: any SpatialSize
    private let strides: any SpatialSize
    private let padding: Padding

    /// Returns a layer; windows are next to each other unless strides say otherwise.
    public init(
      _ poolSize: any SpatialSize = 2, strides: (any SpatialSize)? = nil, padding: Padding = .valid,
      name: String? = nil
    ) {
      self.poolSize = poolSize
      self.strides = strides ?? poolSize
      self.padding = padding
      super.init(name: name)
    }

    public override var kind: String { "MaxPooling2D" }
    public override var defaultName: String { "max_pooling2d" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.maxPooling2D(inputs[0], poolSize: poolSize, strides: strides, padding: padding, name: name)
    }
  }

  /// The mean of each window.
  ///
  /// Source: `tf.keras.layers.AveragePooling2D`.
  public final class AveragePooling2D: Layer {
    private let poolSize: any SpatialSize
    private let strides: any SpatialSize
    private let padding: Padding

    /// Returns a layer; windows are next to each other unless strides say otherwise.
    public init(
      _ poolSize: any SpatialSize = 2, strides: (any SpatialSize)? = nil, padding: Padding = .valid,
      name: String? = nil
    ) {
      self.poolSize = poolSize
      self.strides = strides ?? poolSize
      self.padding = padding
      super.init(name: name)
    }

    public override var defaultName: String { "average_pooling2d" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      Layers.averagePooling2D(inputs[0], poolSize: poolSize, strides: strides, padding: padding, name: name)
    }
  }

  /// The mean of each channel over rows and columns.
  ///
  /// Source: `tf.keras.layers.GlobalAveragePooling2D`.
  public final class GlobalAveragePooling2D: Layer {
    public override var defaultName: String { "global_average_pooling2d" }

    public override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      reduceMean(inputs[0], axes: [1, 2])
    }
  }
}

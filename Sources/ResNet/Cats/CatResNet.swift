import EspalierExecutor
import EspalierGraph
import EspalierKeras
import EspalierLayers

/// The residual networks that tell cats from dogs, of 18 or 50 layers, with shortcuts or without: for seeing what
/// shortcuts are good for.
///
/// Unlike in the paper, nothing is normalised between the first convolution and the pooling, all convolutions have a
/// bias, and the first two convolutions of a bottleneck have no relu between them.
public struct CatResNet: Hashable, Sendable {
  /// The number of layers.
  public enum Depth: String, CaseIterable, Sendable {
    case resNet18 = "ResNet18"
    case resNet50 = "ResNet50"
  }

  /// The number of layers.
  public let depth: Depth
  /// Whether blocks add their input to their output.
  public let useShortcut: Bool

  /// Returns a network.
  public init(_ depth: Depth = .resNet18, useShortcut: Bool = true) {
    self.depth = depth
    self.useShortcut = useShortcut
  }

  /// The least size of an image: something must be left by the first pooling.
  public static let leastSize = 5

  /// Returns the model, whose output is the probability of the second kind.
  ///
  /// - Parameters:
  ///   - inputShape: Rows, columns and channels of an image.
  ///   - configuration: How its session computes.
  /// - Throws: `GraphError` if the images are too small.
  public func model(
    inputShape: [Int] = [224, 224, 3], seed: Int? = nil, configuration: SessionConfiguration = .init()
  ) throws -> Keras.Model {
    let input = Keras.input(shape: inputShape)
    var x = Keras.Conv2D(64, 7, strides: 2, padding: .same)(input)
    x = Keras.MaxPool2D(3, strides: 2)(x)
    switch depth {
    case .resNet18:
      x = identityBlock2(identityBlock2(x))
      for filters in [128, 256, 512] { x = identityBlock2(convolutionBlock2(x, filters, strides: 2)) }
    case .resNet50:
      for (narrow, wide, count) in [(64, 256, 3), (128, 512, 4), (256, 1024, 6), (512, 2048, 3)] {
        x = convolutionBlock3(x, narrow, wide, strides: 2)
        for _ in 1..<count { x = identityBlock3(x, narrow, wide) }
      }
    }
    // Of images below 69 pixels the last stage of 50 layers leaves a single one.
    let window = Swift.min(2, x.shape[1] ?? 2, x.shape[2] ?? 2)
    x = Keras.Flatten()(Keras.AveragePooling2D(window, strides: window)(x))
    let output = Keras.Dense(1, activation: .sigmoid)(x)
    return try Keras.Model(inputs: input, outputs: output, seed: seed, configuration: configuration)
  }

  /// Returns two convolutions that keep the shape, plus the input.
  private func identityBlock2(_ x: Keras.SymbolicTensor) -> Keras.SymbolicTensor {
    let filters = x.shape[-1] ?? 0
    var y = Keras.ReLU()(norm(Keras.Conv2D(filters, 3, padding: .same)(x)))
    y = norm(Keras.Conv2D(filters, 3, padding: .same)(y))
    return Keras.ReLU()(useShortcut ? y + x : y)
  }

  /// Returns two convolutions to another shape, plus the input, which a convolution brings to that shape.
  private func convolutionBlock2(
    _ x: Keras.SymbolicTensor, _ filters: Int, strides: Int
  ) -> Keras.SymbolicTensor {
    var y = Keras.ReLU()(norm(Keras.Conv2D(filters, 3, strides: strides, padding: .same)(x)))
    y = norm(Keras.Conv2D(filters, 3, padding: .same)(y))
    guard useShortcut else { return Keras.ReLU()(y) }
    return Keras.ReLU()(y + norm(Keras.Conv2D(filters, 1, strides: strides)(x)))
  }

  /// Returns three convolutions around a narrow middle that keep the shape, plus the input.
  private func identityBlock3(_ x: Keras.SymbolicTensor, _ narrow: Int, _ wide: Int) -> Keras.SymbolicTensor {
    let y = bottleneck(x, narrow, wide, strides: 1)
    return Keras.ReLU()(useShortcut ? y + x : y)
  }

  /// Returns three convolutions to another shape, plus the input, which a convolution brings to that shape.
  private func convolutionBlock3(
    _ x: Keras.SymbolicTensor, _ narrow: Int, _ wide: Int, strides: Int
  ) -> Keras.SymbolicTensor {
    let y = bottleneck(x, narrow, wide, strides: strides)
    guard useShortcut else { return Keras.ReLU()(y) }
    return Keras.ReLU()(y + norm(Keras.Conv2D(wide, 1, strides: strides, padding: .same)(x)))
  }

  private func bottleneck(
    _ x: Keras.SymbolicTensor, _ narrow: Int, _ wide: Int, strides: Int
  ) -> Keras.SymbolicTensor {
    var y = norm(Keras.Conv2D(narrow, 1, strides: strides)(x))
    y = Keras.ReLU()(norm(Keras.Conv2D(narrow, 3, padding: .same)(y)))
    return norm(Keras.Conv2D(wide, 1)(y))
  }

  private func norm(_ x: Keras.SymbolicTensor) -> Keras.SymbolicTensor { Keras.BatchNormalization(axis: 3)(x) }
}

extension CatResNet: CustomStringConvertible {
  /// The name, `ResNet18 without shortcuts`.
  public var description: String { depth.rawValue + (useShortcut ? "" : " without shortcuts") }
}

/// What the older residual network is made and trained with.
///
/// Source: `HParams` of `research/resnet/resnet_model.py` of tensorflow/models.
public struct ResidualHyperparameters: Hashable, Sendable {
  /// How variables are moved.
  public enum Method: String, Sendable, CaseIterable {
    case gradientDescent = "sgd"
    case momentum = "mom"
  }

  public var batchSize = 128
  public var classCount = 10
  /// The rate of the last steps, and of the first ones.
  public var minLearningRate = 0.0001
  public var learningRate = 0.1
  /// The units in each of the three stages.
  public var residualUnitCount = 5
  /// Whether units have three convolutions around a narrow middle.
  public var useBottleneck = false
  /// The weight of the squared weights in the cost.
  public var weightDecayRate = 0.0002
  /// The slope of the activations for negative numbers.
  public var reluLeakiness = 0.1
  public var optimizer = Method.momentum

  /// Returns the values of the published program.
  public init() {}

  /// The number of layers.
  public var layerCount: Int { residualUnitCount * (useBottleneck ? 9 : 6) + 2 }
  /// The channels of the first convolution and of each stage.
  var filters: [Int] { useBottleneck ? [16, 64, 128, 256] : [16, 16, 32, 64] }
}

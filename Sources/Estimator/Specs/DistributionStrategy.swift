/// On which devices a model is computed.
///
/// Source: `tf.distribute.Strategy`, as far as it is about one machine: there is one processor.
public struct DistributionStrategy: Hashable, Sendable {
  /// The device that all nodes of the model ask for.
  public let device: String

  /// Returns a strategy that puts the whole model on one device, `/cpu:0`.
  ///
  /// Source: `tf.distribute.OneDeviceStrategy`.
  public static func oneDevice(_ device: String) -> DistributionStrategy {
    DistributionStrategy(device: device)
  }
}

extension DistributionStrategy: CustomStringConvertible {
  /// The strategy as configurations show it.
  public var description: String { "OneDeviceStrategy(\(device))" }
}

import EspalierGraph

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

/// Shares the nodes of models out among devices: makes a new setter for each graph.
///
///     RunConfig(deviceFn: DeviceFunction { ReplicaDeviceSetter(parameterDevices: ["/cpu:0"], workerDevice: "/cpu:1") })
///
/// Equal only to itself. Source: `device_fn` of `tf.estimator.RunConfig`.
public final class DeviceFunction: Sendable {
  let makeSetter: @Sendable () -> ReplicaDeviceSetter

  /// Returns a function that makes setters.
  public init(_ makeSetter: @escaping @Sendable () -> ReplicaDeviceSetter) {
    self.makeSetter = makeSetter
  }
}

extension DeviceFunction: Hashable, CustomStringConvertible {
  public static func == (a: DeviceFunction, b: DeviceFunction) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(self))
  }

  /// The function as configurations show it.
  public var description: String { "DeviceFunction" }
}

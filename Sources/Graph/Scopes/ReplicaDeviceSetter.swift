/// Returns the number of the parameter device that a new variable goes to, from 0 on.
///
/// Source: `ps_strategy` of `tf.train.replica_device_setter`.
public typealias PlacementStrategy = (VariableRequest) -> Int

/// The usual ways to share variables out among parameter devices. Each remembers what it has placed.
public enum PlacementStrategies {
  /// Returns a strategy that takes the devices in turns.
  public static func roundRobin(_ deviceCount: Int) -> PlacementStrategy {
    var placed = 0
    return { _ in
      defer { placed += 1 }
      return placed % max(1, deviceCount)
    }
  }

  /// Returns a strategy that takes the device with the least load so far, the first of equal ones.
  ///
  /// - Parameter load: What a variable adds to the load of its device, by default its bytes.
  ///
  /// Source: `tf.contrib.training.GreedyLoadBalancingStrategy` with `byte_size_load_fn`.
  public static func greedyLoadBalancing(
    _ deviceCount: Int, load: @escaping (VariableRequest) -> Double = byteSize
  ) -> PlacementStrategy {
    var loads = [Double](repeating: 0, count: max(1, deviceCount))
    return { request in
      let device = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      loads[device] += load(request)
      return device
    }
  }

  /// Returns the bytes of a variable; an element of a string variable counts as 16.
  public static func byteSize(_ request: VariableRequest) -> Double {
    Double(request.shape.reduce(1, *) * (request.dataType.size ?? 16))
  }
}

/// Where the nodes of a replica of a model go: new variables to parameter devices, all others to a worker.
///
///     let setter = ReplicaDeviceSetter(parameterDevices: ["/cpu:0", "/cpu:1"], workerDevice: "/gpu:0")
///     let logits = withDevice(setter) { model(images) }
///
/// Source: `tf.train.replica_device_setter`.
public struct ReplicaDeviceSetter {
  /// Where variables go, with what gives them their initial values; none means to the worker.
  public let parameterDevices: [String]
  /// Where other nodes go.
  public let workerDevice: String
  let strategy: PlacementStrategy

  /// Returns a setter for these devices.
  ///
  /// - Parameter strategy: Which variable goes to which device; by default they take turns.
  public init(parameterDevices: [String], workerDevice: String, strategy: PlacementStrategy? = nil) {
    self.parameterDevices = parameterDevices
    self.workerDevice = workerDevice
    self.strategy = strategy ?? PlacementStrategies.roundRobin(parameterDevices.count)
  }

  /// Returns a setter for the parameter servers of a cluster, `/job:ps/task:0`…
  public init(
    psTasks: Int, psDevice: String = "/job:ps", workerDevice: String = "/job:worker",
    psStrategy: PlacementStrategy? = nil
  ) {
    self.init(
      parameterDevices: (0..<max(0, psTasks)).map { "\(psDevice)/task:\($0)" }, workerDevice: workerDevice,
      strategy: psStrategy)
  }
}

/// Returns what `body` returns; the nodes that it makes ask for the devices of the setter, where an inner scope says
/// nothing else. A variable that exists already stays where it is.
///
/// Source: `tf.device(tf.train.replica_device_setter(…))`.
public func withDevice<Result, Failure: Error>(
  _ setter: ReplicaDeviceSetter, file: StaticString = #fileID, line: Int = #line, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let site = SourceSite(file: file, line: line)
  var context = BuildContext.current
  do throws(GraphError) {
    let outer = try DeviceSpec(context.device)
    context.variablePlacement = VariablePlacement(
      devices: try setter.parameterDevices.map { name throws(GraphError) in outer.merged(with: try DeviceSpec(name)) },
      strategy: setter.strategy, site: site)
    context.device = outer.merged(with: try DeviceSpec(setter.workerDevice)).description
  } catch {
    context.requiredGraph.report(error, site: site)
  }
  return try context.enter(body)
}

/// Where new variables go, for now.
struct VariablePlacement {
  let devices: [DeviceSpec]
  let strategy: PlacementStrategy
  /// The scope that says so.
  let site: SourceSite
  /// What scopes inside it say, which counts for more.
  var said = DeviceSpec()

  /// Returns the device of a new variable; nil if there are none for variables.
  func device(of request: VariableRequest, in graph: Graph) -> String? {
    guard !devices.isEmpty else { return nil }
    let number = strategy(request)
    guard devices.indices.contains(number) else {
      let message = "the strategy places \(request.name) on device \(number), but there are \(devices.count)"
      graph.report(GraphError(message), site: site)
      return nil
    }
    return devices[number].merged(with: said).description
  }
}

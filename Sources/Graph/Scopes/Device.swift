/// Where a node should run, as far as it was said: `/job:worker/task:1/device:GPU:0`.
///
/// Source: `tf.DeviceSpec`.
public struct DeviceSpec: Hashable, Sendable {
  /// The job of the cluster, `worker`.
  public var job: String?
  /// The replica.
  public var replica: Int?
  /// The task of the job.
  public var task: Int?
  /// The kind of device, `CPU` or `GPU`.
  public var deviceType: String?
  /// The number of the device among those of its kind; `*` is any, which is nil here.
  public var deviceIndex: Int?

  /// Returns a description of which nothing is said but these parts.
  public init(
    job: String? = nil, replica: Int? = nil, task: Int? = nil, deviceType: String? = nil, deviceIndex: Int? = nil
  ) {
    self.job = job
    self.replica = replica
    self.task = task
    self.deviceType = deviceType
    self.deviceIndex = deviceIndex
  }

  /// Returns the description that a string spells, such as `/gpu:0`, `/device:GPU:0` or `/job:ps/task:1/cpu:0`.
  ///
  /// - Throws: `GraphError` if a part is not one of job, replica, task, device, cpu or gpu.
  public init(_ text: String) throws(GraphError) {
    self.init()
    for part in text.split(separator: "/") {
      let words = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard read(words) else {
        throw GraphError("Unknown attribute '\(words[0])' is encountered while parsing the device name: '\(text)'.")
      }
    }
  }

  private mutating func read(_ words: [String]) -> Bool {
    func number(_ word: String?) -> Int? { word.flatMap { Int($0) } }
    switch (words[0].lowercased(), words.count) {
    case ("job", 2): job = words[1]
    case ("replica", 2): replica = number(words[1])
    case ("task", 2): task = number(words[1])
    case ("cpu", 1...2), ("gpu", 1...2):
      deviceType = words[0].uppercased()
      deviceIndex = words.count == 2 ? number(words[1]) : nil
    case ("device", 2...3):
      deviceType = words[1].uppercased()
      deviceIndex = words.count == 3 ? number(words[2]) : nil
    default: return false
    }
    return true
  }

  /// Returns this description with the parts that `other` says put in place of its own.
  public func merged(with other: DeviceSpec) -> DeviceSpec {
    DeviceSpec(
      job: other.job ?? job, replica: other.replica ?? replica, task: other.task ?? task,
      deviceType: other.deviceType ?? deviceType, deviceIndex: other.deviceIndex ?? deviceIndex)
  }
}

extension DeviceSpec: CustomStringConvertible {
  /// The parts that are said, in TensorFlow's order.
  public var description: String {
    var text = ""
    if let job { text += "/job:\(job)" }
    if let replica { text += "/replica:\(replica)" }
    if let task { text += "/task:\(task)" }
    if let deviceType { text += "/device:\(deviceType):\(deviceIndex.map(String.init) ?? "*")" }
    return text
  }
}

/// Returns what `body` returns; the nodes that it makes ask for this device, where an inner scope says nothing else.
///
/// Source: `tf.device`.
public func withDevice<Result, Failure: Error>(
  _ device: String, file: StaticString = #fileID, line: Int = #line, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  var context = BuildContext.current
  do throws(GraphError) {
    let said = try DeviceSpec(device)
    context.device = try DeviceSpec(context.device).merged(with: said).description
    if let outer = context.variablePlacement?.said { context.variablePlacement?.said = outer.merged(with: said) }
  } catch {
    context.requiredGraph.report(error, site: SourceSite(file: file, line: line))
  }
  return try context.enter(body)
}

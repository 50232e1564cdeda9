import EspalierExecutor
import EspalierFormats

/// How long each kernel of a step took.
///
/// Source: `tf.RunMetadata`, `tensorflow.python.client.timeline`.
public struct Timeline: Sendable {
  let times: [KernelTime]
  /// When the run began, in seconds since 1970.
  let begin: Double

  init(_ times: [KernelTime], begin: Double = wallTime()) {
    self.times = times
    self.begin = begin
  }

  /// The number of kernels.
  public var count: Int { times.count }
  /// The microseconds of all kernels together.
  public var duration: Double { times.reduce(0) { $0 + $1.duration } }

  /// Returns the trace in Chrome's format.
  ///
  /// - Parameters:
  ///   - showDataflow: Whether arrows lead from where a value is made to where it is used.
  ///   - showMemory: Whether a track shows the bytes that each kernel gives.
  public func chromeTrace(showDataflow: Bool = true, showMemory: Bool = false) -> String {
    var events = [Self.event("M", "process_name", 0, ["args": ["name": "step"]])]
    var makers: [String: Int] = [:]
    for (number, time) in times.enumerated() {
      events.append(
        Self.event(
          "X", time.kernel, time.start,
          [
            "dur": .number(time.duration), "cat": "Op",
            "args": ["name": .string(time.node), "op": .string(time.operation)],
          ]))
      if showMemory {
        events.append(Self.event("C", "bytes", time.start, ["args": ["bytes": .number(Double(time.byteCount))]]))
      }
      if showDataflow {
        for input in time.inputs { if let maker = makers[input] { events += arrow(maker, number, events.count) } }
      }
      makers[time.node] = number
    }
    return JSONValue.object(["traceEvents": .array(events)]).description
  }

  /// Returns the two ends of an arrow.
  private func arrow(_ maker: Int, _ user: Int, _ number: Int) -> [JSONValue] {
    let id: [String: JSONValue] = ["id": .number(Double(number)), "cat": "DataFlow"]
    return [
      Self.event("s", times[maker].node, times[maker].start + times[maker].duration, id),
      Self.event("t", times[maker].node, times[user].start, id),
    ]
  }

  private static func event(
    _ phase: String, _ name: String, _ time: Double, _ more: [String: JSONValue]
  ) -> JSONValue {
    var fields: [String: JSONValue] = [
      "ph": .string(phase), "name": .string(name), "pid": 0, "tid": 0, "ts": .number(time),
    ]
    fields.merge(more) { $1 }
    return .object(fields)
  }
}

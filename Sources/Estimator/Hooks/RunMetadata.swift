import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// What a run is to tell of itself.
///
/// Source: `tf.RunOptions`.
public struct RunOptions: Hashable, Sendable {
  /// How much is written down while a run is made.
  public enum TraceLevel: Hashable, Sendable {
    case noTrace
    /// When each kernel ran.
    case fullTrace
  }

  /// How much is written down.
  public var traceLevel: TraceLevel

  /// Returns options.
  public init(traceLevel: TraceLevel = .noTrace) {
    self.traceLevel = traceLevel
  }
}

/// What a run told of itself.
///
/// Source: `tf.RunMetadata`.
public struct RunMetadata: Sendable {
  /// How long each kernel took; nil if that was not asked for.
  public fileprivate(set) var timeline: Timeline?

  /// Returns what nothing is known of yet.
  public init() {}

  /// Returns the protobuf message, which TensorBoard and TensorFlow's `timeline` read.
  public func serialized() -> [UInt8] {
    var writer = WireWriter()
    if let timeline {
      writer.message(1) { stepStats in
        stepStats.message(1) { device in
          device.string(1, unlessEmpty: "/job:localhost/replica:0/task:0/device:CPU:0")
          for time in timeline.times { device.message(2) { time.write(to: &$0, from: timeline.begin) } }
        }
      }
    }
    return writer.bytes
  }
}

extension KernelTime {
  /// Writes a `NodeExecStats` message; times are microseconds.
  ///
  /// Source: `tensorflow/core/framework/step_stats.proto`.
  fileprivate func write(to writer: inout WireWriter, from begin: Double) {
    let length = Int64(duration.rounded(.up))
    writer.string(1, unlessEmpty: node)
    writer.int64(2, unlessZero: Int64(begin * 1e6 + start))
    writer.int64(4, unlessZero: length)
    writer.int64(5, unlessZero: length)
    writer.string(8, unlessEmpty: "\(node) = \(operation)(\(inputs.joined(separator: ", ")))")
  }
}

extension Session {
  /// Returns what `run` does, and writes down how it was made.
  ///
  /// - Throws: What `run` throws.
  ///
  /// Source: `tf.Session.run(options=, run_metadata=)`.
  public func run(
    _ fetches: [Tensor], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:], options: RunOptions,
    metadata: inout RunMetadata
  ) throws -> [HostTensor] {
    guard options.traceLevel == .fullTrace else { return try run(fetches, targets: targets, feeding: feeding) }
    let recorder = KernelRecorder()
    let (other, begin) = (observer, wallTime())
    observer = recorder
    defer { observer = other }
    let results = try run(fetches, targets: targets, feeding: feeding)
    metadata.timeline = Timeline(recorder.times, begin: begin)
    return results
  }
}

extension EventLog {
  /// Writes how a run was made, for TensorBoard to show beside the graph.
  ///
  /// Source: `tf.summary.FileWriter.add_run_metadata`.
  public func write(_ metadata: RunMetadata, tag: String, step: Int) throws {
    try add(.runMetadata(tag: tag, metadata.serialized()), step)
  }
}

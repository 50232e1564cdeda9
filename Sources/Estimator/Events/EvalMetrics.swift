import EspalierFormats

/// Returns the metrics of all evaluations whose events are in a directory, in the order of their steps. Of several at
/// one step, the last counts.
///
/// - Throws: `FormatError` if the directory cannot be read. Of a damaged file, what comes before the damage is taken, and
///   a warning is logged.
///
/// Source: `tf.estimator.experimental.read_eval_metrics`.
public func readEvalMetrics(_ evalDir: String) throws -> [(step: Int, metrics: [String: Double])] {
  byStep(try ScalarEvents.points(in: evalDir))
}

/// Returns the metrics of all evaluations whose events are in files that match a pattern.
func readEvalMetrics(matching pattern: String) throws -> [(step: Int, metrics: [String: Double])] {
  byStep(ScalarEvents.points(of: LocalFileSystem().paths(matching: pattern)))
}

private func byStep(_ points: [ScalarEvents.Point]) -> [(step: Int, metrics: [String: Double])] {
  var result: [Int: [String: Double]] = [:]
  for point in points { result[point.step, default: [:]][point.tag] = point.value }
  return result.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
}

/// The points of curves in event files.
package enum ScalarEvents {
  /// A number that was written.
  package struct Point {
    package let step: Int
    package let tag: String
    package let value: Double
    package let time: Double
  }

  /// Returns all points of a directory in the order of its files; none if there is no such directory.
  package static func points(in directory: String) throws -> [Point] {
    let files = LocalFileSystem()
    guard files.exists(directory) else { return [] }
    let names = try files.names(inDirectory: directory).filter { $0.contains(".tfevents.") }
    return points(of: names.map { FilePath.join(directory, $0) })
  }

  /// Returns all points of event files in their order.
  static func points(of paths: [String]) -> [Point] {
    var result: [Point] = []
    for path in paths { read(path, into: &result) }
    return result
  }

  private static func read(_ path: String, into points: inout [Point]) {
    do {
      let reader = try EventFileReader(path: path)
      while let event = try reader.next() {
        guard case .summary(let summary) = event.content else { continue }
        for value in summary.values {
          guard let number = value.scalar else { continue }
          points.append(Point(step: event.step, tag: value.tag, value: number, time: event.wallTime))
        }
      }
    } catch {
      Logging.warn("Skipping rest of the file due to encountering data corruption error; file path: \(path); \(error)")
    }
  }
}

extension Summary.Value {
  /// The number of a point of a curve, or nil for anything else.
  fileprivate var scalar: Double? {
    switch content {
    case .scalar(let number): Double(number)
    default: nil
    }
  }
}

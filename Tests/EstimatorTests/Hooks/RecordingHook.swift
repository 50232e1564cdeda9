import Espalier

/// Writes down when it is called.
final class RecordingHook: SessionRunHook {
  let name: String
  let record: Record
  /// Ends the loop after so many steps.
  var stopsAfter: Int?
  private var steps = 0

  final class Record {
    var calls: [String] = []
  }

  init(_ name: String, _ record: Record, stopsAfter: Int? = nil) {
    self.name = name
    self.record = record
    self.stopsAfter = stopsAfter
  }

  func begin(_ graph: Graph) { record.calls.append("\(name).begin finalized=\(graph.isFinalized)") }
  func afterCreateSession(_ session: Session) {
    record.calls.append("\(name).afterCreateSession finalized=\(session.graph.isFinalized)")
  }
  func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    record.calls.append("\(name).beforeRun")
    return nil
  }
  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    record.calls.append("\(name).afterRun")
    steps += 1
    if steps == stopsAfter { context.requestStop() }
  }
  func end(_ session: Session) { record.calls.append("\(name).end") }
}

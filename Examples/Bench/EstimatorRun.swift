import Espalier
import Foundation

/// `Estimator.train` from records to checkpoints, and the bare training step in turns with it.
enum EstimatorRun {
  /// Returns both; the estimator's steps are those of one call of `train`, which waits while the other has its turn.
  static func contestants(_ options: Options) throws -> [any Contestant] {
    let model = try Model(options)
    guard model.size == 32 else { throw UsageError("'estimator' trains networks for 32 x 32 images") }
    let bare = try GraphSteps(model, isTraining: true, threads: options.threads, name: "bare step")
    return [EstimatorSteps(model, records: try RecordFile(options), threads: options.threads), bare]
  }
}

/// Runs `Estimator.train` on a thread of its own, some steps at a time.
private final class EstimatorSteps: Contestant {
  let name = "Estimator.train"
  let unitsPerStep: Int
  private let turns = Turns()
  private let records: RecordFile
  private let directory = NSTemporaryDirectory() + "/espalier-bench-\(UUID().uuidString)"

  init(_ model: Model, records: RecordFile, threads: Int) {
    unitsPerStep = model.batch
    self.records = records
    let images = Cifar10Dataset(files: [records.path])
    Thread.detachNewThread { [turns, directory] in
      turns.end(
        with: Result {
          turns.waitForTurn()
          let config = try RunConfig(modelDir: directory, sessionThreads: threads > 0 ? threads : nil)
          try Estimator(modelFn: model.specification, config: config)
            .train(inputFn: { images.batches(of: model.batch, seed: 1).prefetched(2) }, hooks: [TurnHook(turns)])
        })
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func run(_ count: Int) throws -> [Double] { try turns.grant(count) }
}

/// Notes when steps end, and waits after the last of a turn.
private final class TurnHook: SessionRunHook {
  private let turns: Turns
  private var begin = ContinuousClock.now

  init(_ turns: Turns) {
    self.turns = turns
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    // From the end of a step to the end of the next: with what input, hooks, summaries and checkpoints take.
    let now = ContinuousClock.now
    turns.note((now - begin) / .milliseconds(1))
    begin = .now
  }
}

/// Lets one thread make steps when another says so.
///
/// `@unchecked Sendable`: everything is touched under the lock of `condition`.
private final class Turns: @unchecked Sendable {
  private let condition = NSCondition()
  private var granted = 0
  private var times: [Double] = []
  private var result: Result<Void, any Error>?

  /// Returns the times of the next `count` steps of the other thread.
  func grant(_ count: Int) throws -> [Double] {
    condition.lock()
    defer { condition.unlock() }
    times = []
    granted = count
    condition.broadcast()
    while times.count < count, result == nil { condition.wait() }
    try result?.get()
    return times
  }

  /// Returns when the other thread grants a step.
  func waitForTurn() {
    condition.lock()
    defer { condition.unlock() }
    while granted == 0 { condition.wait() }
  }

  /// Notes the time of a step, and returns when the next one is granted.
  func note(_ time: Double) {
    condition.lock()
    times.append(time)
    granted -= 1
    condition.broadcast()
    condition.unlock()
    waitForTurn()
  }

  /// Notes that there will be no more steps, and why.
  func end(with result: Result<Void, any Error>) {
    condition.lock()
    self.result = result
    condition.broadcast()
    condition.unlock()
  }
}

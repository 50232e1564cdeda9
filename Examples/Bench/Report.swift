import Espalier
import Foundation

/// What was measured when all had had their turns.
struct Report: Encodable {
  /// The times of one of them.
  struct Line: Encodable {
    let name: String
    let unitsPerSecond: Double
    let medianMilliseconds: Double
    let minMilliseconds: Double
    let maxMilliseconds: Double
    let steps: Int
    /// How many times as fast the first one is.
    let ratio: Double
    /// Of what the cores can do at most, with the operations as the first one counts them.
    let shareOfPeak: Double?
    let plannedBytes: Int?
    let peakBytes: Int?
  }

  let workload: String
  let model: String?
  let batch: Int?
  let threads: Int
  /// Multiplications and additions in a second, measured between the turns.
  let peakOperationsPerSecond: Double
  let lines: [Line]

  /// Lets all run in turns.
  init(_ workload: Workload, _ options: Options, _ contestants: [any Contestant]) throws {
    var times = [[Double]](repeating: [], count: contestants.count)
    var peaks: [Double] = []
    let threads = threadCount(options.threads)
    if options.warmup > 0 {
      for contestant in contestants { _ = try contestant.run(options.warmup) }
    }
    for _ in 0..<options.rounds {
      for (index, contestant) in contestants.enumerated() { times[index] += try contestant.run(options.steps) }
      peaks.append(PeakSpeed.measure(threads: threads))
    }
    let peak = peaks.max() ?? 0
    let operations = contestants.first?.operationsPerStep
    var firstRate: Double?
    lines = zip(contestants, times).map { contestant, times in
      let sorted = times.sorted()
      let median = sorted[sorted.count / 2]
      let rate = Double(contestant.unitsPerStep) / median * 1000
      firstRate = firstRate ?? rate
      let share = (contestant.operationsPerStep ?? operations).map { $0 / median * 1000 / max(peak, 1) }
      return Line(
        name: contestant.name, unitsPerSecond: rate, medianMilliseconds: median, minMilliseconds: sorted[0],
        maxMilliseconds: sorted[sorted.count - 1], steps: sorted.count, ratio: (firstRate ?? rate) / rate,
        shareOfPeak: workload.hasArithmetic ? share : nil, plannedBytes: contestant.plannedBytes,
        peakBytes: contestant.peakBytes)
    }
    self.workload = workload.rawValue
    model = workload.hasModel ? options.model : nil
    batch = workload.hasBatch ? options.batch : nil
    self.threads = threads
    peakOperationsPerSecond = peak
  }

  /// The same as a JSON object.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Workload {
  /// What a second's worth is counted in.
  var unit: String {
    switch self {
    case .train, .infer, .predict, .pipeline, .estimator, .scaling, .batches: "img/s"
    default: "1/s"
    }
  }

  var hasArithmetic: Bool { [.train, .infer, .op, .scaling, .batches, .estimator].contains(self) }
  var hasModel: Bool { ![.op, .pipeline, .dispatch].contains(self) }
  var hasBatch: Bool { ![.op, .dispatch, .batches].contains(self) }
}

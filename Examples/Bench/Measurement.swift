import Foundation

/// The times of the steps of a workload, sorted.
struct Measurement {
  let workload: String
  let model: String
  let batch: Int
  let milliseconds: [Double]

  private var median: Double { milliseconds.isEmpty ? 0 : milliseconds[milliseconds.count / 2] }
  private var fastest: Double { milliseconds.first ?? 0 }
  private var slowest: Double { milliseconds.last ?? 0 }

  /// The same in one line for people.
  var text: String {
    let rate = Double(batch) / median * 1000
    let best = Double(batch) / fastest * 1000
    return String(
      format: "%@ %@ batch %d: %.1f img/s (best %.1f), %.2f ms/step (min %.2f, max %.2f) over %d steps",
      workload, model, batch, rate, best, median, fastest, slowest, milliseconds.count)
  }

  /// The same as a JSON object.
  var json: String {
    String(
      format: #"{"workload": "%@", "model": "%@", "batch": %d, "steps": %d, "median_ms": %.4f, "min_ms": %.4f, "#
        + #""max_ms": %.4f, "images_per_second": %.2f}"#,
      workload, model, batch, milliseconds.count, median, fastest, slowest, Double(batch) / median * 1000)
  }
}

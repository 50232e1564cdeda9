import Foundation

extension Report {
  /// The same as a table for people.
  var text: String {
    let columns = Self.columns(Workload(rawValue: workload)?.unit ?? "1/s").filter { column in
      lines.contains { !column.cell($0).isEmpty }
    }
    var rows = [heading, Self.row("", columns.map(\.title), lines)]
    for line in lines { rows.append(Self.row(line.name, columns.map { $0.cell(line) }, lines)) }
    if let first = lines.first {
      for line in lines.dropFirst() {
        rows.append(String(format: "%@ is %.2f times as fast as %@", first.name, line.ratio, line.name))
      }
    }
    if lines.contains(where: { $0.shareOfPeak != nil }) {
      rows.append(
        String(format: "peak in this run: %.0f GFLOP/s on %d threads", peakOperationsPerSecond / 1e9, threads))
    }
    return rows.joined(separator: "\n")
  }

  private var heading: String {
    let words = [workload, model, batch.map { "batch \($0)" }].compactMap { $0 }
    return words.joined(separator: " ") + ", \(threads) threads, \(lines.first?.steps ?? 0) steps"
  }

  private struct Column {
    let title: String
    let cell: (Line) -> String
  }

  private static func columns(_ unit: String) -> [Column] {
    [
      Column(title: unit) { String(format: "%.1f", $0.unitsPerSecond) },
      Column(title: "ms/step") { String(format: "%.3f", $0.medianMilliseconds) },
      Column(title: "least – most") { String(format: "%.3f – %.3f", $0.minMilliseconds, $0.maxMilliseconds) },
      Column(title: "of peak") { $0.shareOfPeak.map { String(format: "%.1f %%", $0 * 100) } ?? "" },
      Column(title: "planned") { megabytes($0.plannedBytes) },
      Column(title: "held") { megabytes($0.peakBytes) },
    ]
  }

  private static func megabytes(_ bytes: Int?) -> String { bytes.map { "\($0 / 1_000_000) MB" } ?? "" }

  private static func row(_ name: String, _ cells: [String], _ lines: [Line]) -> String {
    let width = lines.map(\.name.count).max() ?? 0
    let spaces = { (count: Int) in String(repeating: " ", count: max(1, count)) }
    return name + spaces(width - name.count) + cells.map { spaces(12 - $0.count) + $0 }.joined(separator: "  ")
  }
}

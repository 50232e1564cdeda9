import EspalierFormats

extension TrainingReport {
  /// The page.
  public var html: String {
    let charts = charts
    let body =
      charts.isEmpty
      ? "<p class=\"none\">There are no curves in this directory yet.</p>"
      : "<div class=\"charts\">\n" + charts.enumerated().map(card).joined(separator: "\n") + "\n</div>"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Training report: \(HTML.escaped(FilePath.name(of: modelDir)))</title>
      <style>\(HTML.style)</style>
      </head>
      <body>
      <header>
      <h1>Training report</h1>
      <p class="path">\(HTML.escaped(modelDir))</p>
      </header>
      \(summary)
      \(body)
      \(gallery)
      \(fileList)
      </body>
      </html>

      """
  }

  /// The last numbers, side by side.
  private var summary: String {
    var facts: [(name: String, value: String)] = []
    guard let training = runs.first else { return "" }
    if let last = runs.flatMap(\.points).max(by: { $0.step < $1.step }) {
      // Keras counts epochs from 0.
      let isEpoch = last.tag.hasPrefix(Self.epochPrefix)
      facts.append(isEpoch ? ("epochs", "\(last.step + 1)") : ("last step", "\(last.step)"))
    }
    if let duration = duration(training.points) { facts.append(("duration", Text.duration(duration))) }
    for run in runs {
      let curves = run.curves
      for name in ["loss", "accuracy"] {
        guard let last = curves[name]?.last else { continue }
        facts.append(("\(run.name) \(name)", Text.general(last.value)))
      }
    }
    if let speeds = training.curves["global_step/sec"]?.map(\.value), !speeds.isEmpty {
      facts.append(("steps a second", Text.general(speeds.sorted()[speeds.count / 2])))
    }
    if facts.isEmpty { return "" }
    let cells = facts.map { "<div><dt>\(HTML.escaped($0.name))</dt><dd>\(HTML.escaped($0.value))</dd></div>" }
    return "<dl class=\"facts\">\n" + cells.joined(separator: "\n") + "\n</dl>"
  }

  /// The time between the first and the last event, without the pauses between runs.
  private func duration(_ points: [ScalarEvents.Point]) -> Double? {
    let times = points.map(\.time).sorted()
    guard times.count > 1 else { return nil }
    let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
    let usual = gaps.sorted()[gaps.count * 9 / 10]
    return gaps.filter { $0 <= max(60, usual * 20) }.reduce(0, +)
  }

  private func card(_ number: Int, _ chart: Chart) -> String {
    let legend = chart.curves.map { curve in
      let last = curve.points.last.map { " \(Text.general($0.value))" } ?? ""
      return
        "<span class=\"key\"><i class=\"\(Chart.kind(curve.kind))\"></i>\(HTML.escaped(curve.name))<b>\(last)</b></span>"
    }
    return """
      <section\(number == 0 ? " class=\"wide\"" : "")>
      <h2>\(HTML.escaped(chart.title))</h2>
      <p class="legend">\(legend.joined())</p>
      \(chart.svg())
      </section>
      """
  }

  private var fileList: String {
    func list(_ title: String, _ names: [String]) -> String {
      if names.isEmpty { return "" }
      let items = names.map { "<li>\(HTML.escaped($0))</li>" }.joined()
      return "<div><h2>\(title)</h2><ul>\(items)</ul></div>\n"
    }
    let lists = list("Checkpoints", checkpoints) + list("Exports", exports)
    return lists.isEmpty ? "" : "<footer>\n\(lists)</footer>"
  }
}

/// What pages are made of.
enum HTML {
  /// Returns a text in which nothing counts as markup.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  static let style = """

    :root { --page: #f6f7f5; --card: #fff; --ink: #1d2420; --soft: #66706a; --line: #e3e6e2;
      --train: #2f6f4f; --eval: #c8641b; --eval2: #3b64a8; --eval3: #8a4fa3; }
    @media (prefers-color-scheme: dark) { :root { --page: #161a18; --card: #1f2522; --ink: #e8ece9; --soft: #98a39d;
      --line: #313833; --train: #6cc398; --eval: #f09a55; --eval2: #85a9ea; --eval3: #c493db; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1180px; padding: 28px 24px 48px; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
    h1 { margin: 0; font-size: 24px; font-weight: 650; }
    h2 { margin: 0; font-size: 15px; font-weight: 600; }
    .path { margin: 2px 0 20px; color: var(--soft); font-family: ui-monospace, Menlo, monospace; font-size: 13px;
      overflow-wrap: anywhere; }
    .facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 20px; }
    .facts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; }
    .facts dt { color: var(--soft); font-size: 12px; }
    .facts dd { margin: 0; font-size: 19px; font-weight: 600; font-variant-numeric: tabular-nums; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 16px; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px 8px;
      min-width: 0; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 2px 0 6px; font-size: 13px; color: var(--soft); }
    .key { display: inline-flex; align-items: center; gap: 6px; }
    .key b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
    .key i { width: 14px; height: 3px; border-radius: 2px; }
    svg { display: block; width: 100%; height: auto; }
    .grid { stroke: var(--line); } .axis { stroke: var(--soft); }
    .tick { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
    .tick.y { text-anchor: end; } .tick.x { text-anchor: middle; }
    .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .faint { stroke-opacity: 0.28; stroke-width: 1; }
    .curve.train { stroke: var(--train); } .curve.eval { stroke: var(--eval); }
    .curve.eval2 { stroke: var(--eval2); } .curve.eval3 { stroke: var(--eval3); }
    .mark.train, .key .train { fill: var(--train); background: var(--train); }
    .mark.eval, .key .eval { fill: var(--eval); background: var(--eval); }
    .mark.eval2, .key .eval2 { fill: var(--eval2); background: var(--eval2); }
    .mark.eval3, .key .eval3 { fill: var(--eval3); background: var(--eval3); }
    .none { color: var(--soft); }
    h2.gallery { margin: 24px 0 8px; }
    div.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 10px; }
    figure { margin: 0; padding: 4px; background: var(--card); border: 2px solid var(--train); border-radius: 8px; }
    figure.wrong { border-color: var(--eval); }
    figure img { display: block; width: 100%; border-radius: 4px; image-rendering: auto; }
    figcaption { padding: 3px 2px 0; font-size: 12px; color: var(--soft); text-align: center; }
    footer { display: flex; flex-wrap: wrap; gap: 16px 48px; margin-top: 24px; color: var(--soft); font-size: 13px; }
    footer ul { margin: 4px 0 0; padding-left: 18px; font-family: ui-monospace, Menlo, monospace; }

    """
}

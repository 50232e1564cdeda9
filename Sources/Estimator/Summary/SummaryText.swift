extension ModelSummary: CustomStringConvertible {
  /// The table, a line for each layer, with totals below.
  public var description: String {
    let titles = ["Layer", "Operation", "Output shape", "Parameters", "Activations", "MACs"]
    let rows = layers.map { layer in
      [
        Self.fitted(layer.name, 30), Self.fitted(layer.operation, 16),
        "[" + layer.outputShape.map(String.init).joined(separator: ", ") + "]",
        layer.parameterCount == 0 ? "" : Self.grouped(layer.parameterCount), Self.bytes(layer.activationBytes),
        layer.multiplyAdds == 0 ? "" : Self.short(layer.multiplyAdds),
      ]
    }
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    let lines = [Self.line(titles, widths), rule] + rows.map { Self.line($0, widths) } + [rule] + totals
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns a name of at most so many characters: of a longer one, the beginning and the end.
  private static func fitted(_ name: String, _ width: Int) -> String {
    name.count <= width ? name : "\(name.prefix(width / 3))…\(name.suffix(width - width / 3 - 1))"
  }

  private var totals: [String] {
    var lines = [
      "Parameters: \(Self.grouped(parameterCount)), of which \(Self.grouped(trainableParameterCount)) are trained.",
      "One batch forward: \(Self.short(multiplyAdds)) multiply-adds, \(Self.bytes(activationBytes)) of activations.",
    ]
    if let peakBytes, let planned = plannedActivationBytes {
      lines.append(
        "A step of training needs \(Self.bytes(peakBytes)) at its peak; its activations share "
          + "\(Self.bytes(planned.shared)) (\(Self.bytes(planned.apart)) if nothing were shared).")
    }
    return lines
  }

  /// Returns a row; names to the left, numbers to the right.
  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(cells, widths).enumerated().map { column, cell in
      let space = String(repeating: " ", count: cell.1 - cell.0.count)
      return column < 3 ? cell.0 + space : space + cell.0
    }
    let line = padded.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// Returns a whole number with its digits in groups of three.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(abs(number)))
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: position)
      position -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  static func bytes(_ count: Int) -> String {
    let number = Double(count)
    if number >= 1e9 { return Text.fixed(number / 1e9, 2) + " GB" }
    if number >= 1e6 { return Text.fixed(number / 1e6, 1) + " MB" }
    return number >= 1e3 ? Text.fixed(number / 1e3, 1) + " kB" : "\(count) B"
  }

  private static func short(_ count: Int) -> String {
    let number = Double(count)
    if number >= 1e9 { return Text.fixed(number / 1e9, 2) + " G" }
    if number >= 1e6 { return Text.fixed(number / 1e6, 2) + " M" }
    return number >= 1e3 ? Text.fixed(number / 1e3, 1) + " k" : "\(count)"
  }
}

/// Returns rows of words as lines in which the columns begin under each other.
package func columns(_ rows: [[String]]) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    var line = zip(row, widths).map { $0 + blanks($1 - $0.count) }.joined(separator: "  ")
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }
}

/// Returns the text in lines of at most 80 columns, each after `indent` blanks.
func wrapped(_ text: String, indent: Int) -> String {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent + line.count + 1 + word.count > 80 {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  lines.append(line)
  return lines.map { blanks(indent) + $0 }.joined(separator: "\n")
}

func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

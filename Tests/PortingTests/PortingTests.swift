import Foundation
import Testing

@Suite struct PortingTests {
  @Test func rowsOfTheTableAreCompiled() throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
    let guide = try String(contentsOf: root.appending(path: "Docs/PortingFromTensorFlow.md"), encoding: .utf8)
    let compiled = try String(contentsOf: here.appending(path: "PortingRows.swift"), encoding: .utf8)
    let rows = guide.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count > 60)
    for row in rows {
      let cells = row.components(separatedBy: " | ")
      let code = try #require(cells.last).trimmingCharacters(in: CharacterSet(charactersIn: " |`"))
      #expect(cells.count == 2 && compiled.contains(code), "\(code)")
    }
  }
}

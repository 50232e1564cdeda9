import Foundation
import Testing

@Suite struct GuideTests {
  @Test func programsOfTheGuidesAreCompiled() throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let guides = here.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Docs/Guides")
    let compiled = try String(contentsOf: here.appending(path: "GuideCode.swift"), encoding: .utf8)
    let files = try FileManager.default.contentsOfDirectory(at: guides, includingPropertiesForKeys: nil)
    #expect(files.count >= 4)
    var blocks = 0
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      for block in text.components(separatedBy: "```swift\n").dropFirst() {
        let code = try #require(block.components(separatedBy: "```").first)
        #expect(compiled.contains(code), "\(file.lastPathComponent): \(code.prefix(60))")
        blocks += 1
      }
    }
    #expect(blocks >= 6)
  }
}

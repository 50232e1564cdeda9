import Foundation
import Testing

@Suite struct ReadmeTests {
  private let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func theProgramInTheReadmeIsTheOneThatRuns() throws {
    let readme = try String(contentsOf: checkout.appendingPathComponent("README.md"), encoding: .utf8)
    let program = try String(
      contentsOf: checkout.appendingPathComponent("Examples/Circle/Circle.swift"), encoding: .utf8)
    #expect(readme.contains("```swift\n" + program + "```"))
  }

  @Test func theReadmeNamesOnlyFoldersThatExist() throws {
    let readme = try String(contentsOf: checkout.appendingPathComponent("README.md"), encoding: .utf8)
    let folders = readme.split(separator: "`").filter { $0.hasPrefix("Sources/") || $0.hasPrefix("Examples") }
    #expect(folders.count > 10)
    for folder in folders {
      #expect(FileManager.default.fileExists(atPath: checkout.appendingPathComponent(String(folder)).path), "\(folder)")
    }
  }
}

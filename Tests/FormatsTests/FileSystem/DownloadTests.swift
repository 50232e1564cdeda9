import EspalierFormats
import Foundation
import TestSupport
import Testing

private let hasCurl: Bool = {
  let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
  return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/curl") }
}()

@Suite(.enabled(if: hasCurl, "curl is not installed")) struct DownloadTests {
  private static let contents = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
  private static let sum = SHA256(contents).hex

  private func withFile(_ body: (_ url: String, _ directory: String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      try write(Self.contents, toFile: directory + "/there.bin")
      try body("file://\(directory)/there.bin", directory)
    }
  }

  @Test func aFileWithTheRightSumIsKept() throws {
    try withFile { url, directory in
      let path = directory + "/new/folder/here.bin"
      try Files.download(url, to: path, sha256: Self.sum.uppercased())
      #expect(try bytes(ofFile: path) == Self.contents)
      #expect(try Files.names(inDirectory: directory + "/new/folder") == ["here.bin"])
      try write([1], toFile: path)
      try Files.download(url, to: path)
      #expect(try bytes(ofFile: path) == Self.contents)
    }
  }

  @Test func aFileWithAnotherSumIsNotKept() throws {
    try withFile { url, directory in
      let path = directory + "/new/here.bin"
      let wanted = String(repeating: "0", count: 64)
      let error = #expect(throws: FormatError.self) { try Files.download(url, to: path, sha256: wanted) }
      #expect(
        error?.description == "\(url): its SHA-256 checksum is \(Self.sum), not \(wanted); it was not kept")
      #expect(try Files.names(inDirectory: directory + "/new").isEmpty)
      try write([1], toFile: path)
      #expect(throws: FormatError.self) { try Files.download(url, to: path, sha256: wanted) }
      #expect(try bytes(ofFile: path) == [1])
    }
  }

  @Test func whatCannotBeFetchedIsNamed() throws {
    try withFile { file, directory in
      let (url, path) = (file + ".not", directory + "/here.bin")
      let error = #expect(throws: FormatError.self) { try Files.download(url, to: path, sha256: Self.sum) }
      #expect(error?.description == "\(url): curl cannot fetch it: exit status 37")
      let names = try Files.names(inDirectory: directory)
      #expect(names == ["there.bin"])
      #expect(throws: FormatError.self) { try Files.download("--version", to: path, sha256: Self.sum) }
    }
  }

  @Test func aMissingProgramIsNamed() {
    let error = #expect(throws: FormatError.self) { try Files.fetch("file:///x", to: "/nowhere", with: "no-such-curl") }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.contains("install the package no-such-curl") == true)
  }
}

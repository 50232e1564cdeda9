import Espalier
import Foundation

/// Fetches the archive with the program curl and checks it before anything reads it.
enum Download {
  static func run(_ options: GenerateTFRecords.Options) throws {
    try FileManager.default.createDirectory(
      atPath: options.dataDir.isEmpty ? "." : options.dataDir, withIntermediateDirectories: true)
    let target = (options.dataDir.isEmpty ? "" : options.dataDir + "/") + GenerateTFRecords.archive
    let partial = target + ".partial"
    print("Download from \(options.url) and extract.")
    defer { try? FileManager.default.removeItem(atPath: partial) }
    try fetch(options.url, to: partial)
    let sum = try sha256(ofFile: partial)
    guard sum == options.sha256.lowercased() else {
      throw DataError("\(options.url) has the checksum \(sum), not \(options.sha256); it was not kept")
    }
    guard rename(partial, target) == 0 else { throw DataError("cannot rename \(partial) to \(target)") }
  }

  private static func fetch(_ url: String, to path: String) throws {
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    curl.arguments = ["curl", "--fail", "--location", "--show-error", "--output", path, url]
    try curl.run()
    curl.waitUntilExit()
    switch curl.terminationStatus {
    case 0: return
    case 127: throw DataError("the program curl is not installed: install the package curl, or put \(url) in place")
    default: throw DataError("curl cannot fetch \(url): exit status \(curl.terminationStatus)")
    }
  }
}

/// Returns the SHA-256 checksum of a file in hexadecimal digits.
private func sha256(ofFile path: String) throws -> String {
  let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
  defer { try? file.close() }
  var sum = SHA256()
  while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { sum.update([UInt8](chunk)) }
  return sum.hex
}

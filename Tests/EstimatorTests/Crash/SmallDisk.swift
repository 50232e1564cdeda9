import Foundation
import TestSupport

/// A disk in memory that holds little, for tests of what happens when it is full. Only the system's administrator can
/// make one.
enum SmallDisk {
  struct Failure: Error {
    let command: [String]
  }

  /// Whether such a disk can be made here.
  static let isPossible: Bool = (try? with(bytes: 1 << 16) { _ in true }) ?? false

  /// Calls `body` with the directory of an empty disk that holds so many bytes.
  static func with<Result>(bytes: Int, _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryDirectory { directory in
      try run(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", directory])
      defer { try? run(["umount", directory]) }
      return try body(directory)
    }
  }

  private static func run(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(command: command) }
  }
}

import Foundation

/// Calls `body` with the path of an empty directory, which is removed afterwards.
@discardableResult
package func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

/// Returns the bytes of a file.
package func bytes(ofFile path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Makes a file of these bytes.
package func write(_ bytes: [UInt8], toFile path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

extension SharedData {
  /// Returns the bytes of a file of the reference data.
  package static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url(path)))
  }
}

/// Numbers that a hostile file puts where a size, an offset or a count should be.
package enum Hostile {
  package static let numbers: [UInt64] = [
    0, 1, 2, 127, 128, 1 << 31 - 1, 1 << 31, 1 << 32, 1 << 40, 1 << 62, 1 << 63 - 1, 1 << 63, .max - 1, .max,
  ]
}

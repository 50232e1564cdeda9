import Foundation

/// Where the reference data lies that some tests compare with: beside the checkout, or where `ESPALIER_SHARED` says.
package enum SharedData {
  /// The folder of reference data, or nil where the machine has none; tests then say that they are skipped.
  package static let root: URL? = {
    let named = ProcessInfo.processInfo.environment["ESPALIER_SHARED"].map { URL(fileURLWithPath: $0) }
    let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = checkout.deletingLastPathComponent().appendingPathComponent("shared")
    return [named, beside].compactMap { $0?.appendingPathComponent("data") }.first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }()

  /// Whether there is reference data here, for `.enabled(if:)`.
  package static var isPresent: Bool { root != nil }

  /// Returns a file or folder below the reference data.
  ///
  /// - Throws: `Missing` where the machine has none.
  package static func url(_ path: String) throws -> URL {
    guard let root else { throw Missing(path: path) }
    return root.appendingPathComponent(path)
  }

  package struct Missing: Error {
    package let path: String
  }
}

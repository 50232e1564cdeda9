import Foundation

/// Returns the program of this package with this name, which lies beside the tests; nil where only the tests were built.
package func builtProgram(_ name: String) -> URL? {
  let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
  let executable = Bundle.main.executableURL.map { $0.resolvingSymlinksInPath() }
  let folders = (bundles + [executable].compactMap { $0 }).map { $0.deletingLastPathComponent() }
  return folders.map { $0.appendingPathComponent(name) }
    .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}

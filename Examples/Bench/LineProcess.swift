import Foundation

/// A process that is talked with line by line.
final class LineProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors: URL
  private let name: String
  private var buffer = Data()

  /// Starts a program.
  ///
  /// - Parameter name: What errors call it.
  init(_ executable: URL, _ arguments: [String], name: String) throws {
    self.name = name
    errors = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-bench-\(UUID().uuidString).log")
    // A file, since a pipe that nobody reads stops who writes much into it.
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    do { try process.run() } catch {
      throw BenchError("cannot start \(executable.path): \(error.localizedDescription)")
    }
  }

  deinit {
    finish()
    try? FileManager.default.removeItem(at: errors)
  }

  func write(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Returns the next line of what the process prints.
  ///
  /// - Throws: `BenchError` with the end of what it says of errors, if it ends before.
  func readLine() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw BenchError("\(name) ended: \(lastErrors())") }
      buffer.append(more)
    }
  }

  /// Ends the process, which ends by itself when its input does.
  func finish() {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  private func lastErrors() -> String {
    process.waitUntilExit()
    let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").suffix(5).joined(separator: "\n")
    return lines.isEmpty ? "with status \(process.terminationStatus)" : lines
  }
}

import Foundation

/// The Python that has TensorFlow, named by `ESPALIER_TENSORFLOW_PYTHON`: tests that need it say that they are skipped
/// where it is not named.
package enum TensorFlow {
  private static let python = ProcessInfo.processInfo.environment["ESPALIER_TENSORFLOW_PYTHON"]

  /// Whether there is one, for `.enabled(if:)`.
  package static var isPresent: Bool { python != nil }

  /// Why tests are skipped without it.
  package static let isMissing = "ESPALIER_TENSORFLOW_PYTHON does not name a Python with TensorFlow"

  package struct Failure: Error {
    package let output: String
  }

  /// Runs a program that knows `tf`, `v1`, `np`, and a directory as `d`; returns what it prints.
  ///
  /// - Throws: `Failure` with its output if it fails.
  @discardableResult
  package static func run(_ program: String, _ directory: String) throws -> String {
    guard let python else { throw Failure(output: isMissing) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", preamble + program, directory]
    process.standardError = pipe
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(output: output) }
    return output
  }

  private static let preamble = """
    import glob, os, sys
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf
    v1, d = tf.compat.v1, sys.argv[1] + "/"

    """
}

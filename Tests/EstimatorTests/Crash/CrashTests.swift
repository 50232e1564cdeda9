import Espalier
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
  private static let lastStep = 60
  /// More than in every run of the tests where `ESPALIER_CRASH_KILLS` says so.
  private static let killCount = ProcessInfo.processInfo.environment["ESPALIER_CRASH_KILLS"].flatMap(Int.init) ?? 20

  /// The program that trains; nil where only the tests were built.
  private static let trainer = builtProgram("crash-trainer")

  /// Starts the program.
  private func start(_ directory: String) throws -> Process {
    let process = Process()
    let trainer: URL = try #require(Self.trainer)
    process.executableURL = trainer
    process.arguments = [directory, "\(Self.lastStep)"]
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Trains to the end; returns how long that took, in seconds.
  @discardableResult
  private func finish(_ directory: String) throws -> Double {
    let begin = Date()
    let process = try start(directory)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Date().timeIntervalSince(begin)
  }

  private func result(_ directory: String) throws -> [[UInt8]] {
    try ["index", "data-00000-of-00001"].map {
      try bytes(ofFile: "\(directory)/model.ckpt-\(Self.lastStep).\($0)")
    }
  }

  @Test(.enabled(if: trainer != nil, "crash-trainer is not built"))
  func killedTrainingsEndInTheSameBits() throws {
    try withTemporaryDirectory { directory in
      let duration = try finish(directory + "/whole")
      let expected = try result(directory + "/whole")
      var random = SystemRandomNumberGenerator()
      var run = 0
      for _ in 0..<Self.killCount {
        let model = "\(directory)/killed-\(run)"
        let process = try start(model)
        // What is left of a training takes less than a whole one: most kills hit it at work.
        Thread.sleep(forTimeInterval: .random(in: 0..<duration * 0.7, using: &random))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .exit {
          #expect(try result(model) == expected)
          run += 1
        } else {
          try verifyCheckpoints(in: model)
        }
      }
      try finish("\(directory)/killed-\(run)")
      #expect(try result("\(directory)/killed-\(run)") == expected)
      let names = try LocalFileSystem().names(inDirectory: "\(directory)/killed-\(run)")
      #expect(!names.contains { TemporaryName.isTemporary($0) }, "what was half written is cleared away")
    }
  }

  /// Reads all checkpoints that are there, whether or not the state file names them.
  private func verifyCheckpoints(in directory: String) throws {
    guard LocalFileSystem().exists(directory) else { return }
    for name in try LocalFileSystem().names(inDirectory: directory) where name.hasSuffix(".index") {
      try CheckpointReader(prefix: "\(directory)/\(name.dropLast(".index".count))").verify()
    }
    if let latest = try latestCheckpoint(in: directory) { try CheckpointReader(prefix: latest).verify() }
  }

  @Test(.enabled(if: trainer != nil, "crash-trainer is not built"))
  func terminatedTrainingsSaveAndGoOn() throws {
    try withTemporaryDirectory { directory in
      let duration = try finish(directory + "/whole")
      let model = directory + "/terminated"
      for share in [0.5, 0.7, 0.9] {
        let process = try start(model)
        Thread.sleep(forTimeInterval: duration * share)
        process.terminate()
        process.waitUntilExit()
        // Before training begins the signal ends the process as it would any other.
        let isSaved = process.terminationReason == .exit && [0, 143].contains(process.terminationStatus)
        #expect(isSaved || process.terminationReason == .uncaughtSignal)
      }
      try finish(model)
      #expect(try result(model) == result(directory + "/whole"))
    }
  }
}

import Foundation
import TestSupport
import Testing

/// Runs example-bench as users do.
@Suite(.enabled(if: builtProgram("example-bench") != nil, "example-bench is not built")) struct BenchTests {
  private struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The object that `--json` prints.
  private struct Printed: Decodable {
    struct Line: Decodable {
      let name: String
      let steps: Int
      let medianMilliseconds: Double
      let minMilliseconds: Double
      let maxMilliseconds: Double
      let unitsPerSecond: Double
      let ratio: Double
      let plannedBytes: Int?
      let peakBytes: Int?
    }

    let workload: String
    let lines: [Line]
  }

  private func run(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    let program: URL = try #require(builtProgram("example-bench"))
    process.executableURL = program
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  private func measured(_ arguments: [String]) throws -> Printed {
    let outcome = try run(arguments + ["--json", "--rounds", "2", "--steps", "2", "--warmup", "1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Printed.self, from: Data(outcome.output.utf8))
  }

  private static let small = ["--model", "resnet8", "--batch", "4", "--threads", "1"]

  @Test func helpListsTheWorkloads() throws {
    let outcome = try run([])
    #expect(outcome.status == 0)
    for word in ["train", "infer", "op", "pipeline", "startup", "graph-build", "dispatch", "estimator", "--compare"] {
      #expect(outcome.output.contains(word))
    }
  }

  @Test(arguments: [
    (["tain"], "no workload 'tain'"),
    (["train", "--model", "resnet9"], "no model 'resnet9'"),
    (["train", "--bach", "4"], "did you mean --batch"),
    (["train", "--batch", "0"], "--batch must be a positive integer"),
    (["train", "--compare", "keras"], "--compare must be one of tensorflow, pytorch"),
    (["pipeline", "--compare", "tensorflow"], "no peer does 'pipeline'"),
    (["op", "--shape", "3x-1"], "--shape must be extents"),
    (["op", "--op", "matmul", "--shape", "3x3x3x3"], "--shape must have 2 extents"),
  ]) func misuseIsExplained(arguments: [String], message: String) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(arguments: ["train", "infer", "predict", "evaluate-start", "graph-build", "batches", "estimator", "pipeline"])
  func networksAreMeasured(workload: String) throws {
    let printed = try measured([workload] + Self.small)
    #expect(printed.workload == workload)
    let first = try #require(printed.lines.first)
    #expect(first.steps == 4 && first.ratio == 1 && first.unitsPerSecond > 0)
    for line in printed.lines {
      #expect(line.minMilliseconds <= line.medianMilliseconds && line.medianMilliseconds <= line.maxMilliseconds)
    }
    if workload == "train" { #expect(try #require(first.plannedBytes) > 1_000_000) }
  }

  @Test func startupStartsProcesses() throws {
    let line = try #require(try measured(["startup"] + Self.small).lines.first)
    #expect(line.medianMilliseconds > 1 && line.peakBytes ?? 0 > 1_000_000)
  }

  @Test(arguments: [
    ["conv2d"], ["conv2d-input-gradient"], ["conv2d-filter-gradient", "--strides", "2"],
    ["max-pool", "--strides", "2"],
    ["average-pool"], ["batch-norm"], ["relu"],
  ]) func operationsAreMeasured(arguments: [String]) throws {
    let printed = try measured(["op", "--threads", "1", "--shape", "2x8x8x16", "--op"] + arguments)
    #expect(printed.lines.map(\.name) == [arguments[0]])
  }

  // MARK: Peers

  /// A program that stands in for a Python with a peer's script in it.
  private func withPython(_ script: String, _ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let python = directory + "/python"
      try ("#!/bin/sh\n" + script).write(toFile: python, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
      try body(python)
    }
  }

  private func comparison(_ python: String) -> [String] {
    ["train", "--compare", "tensorflow", "--python", python] + Self.small
  }

  @Test func peersTakeTurns() throws {
    let script = """
      echo '{"name": "stand-in 1.0", "peak_bytes": 1}'
      while read -r count; do
        [ "$count" = 1 ] && echo '{"milliseconds": [900], "peak_bytes": 2}'
        [ "$count" = 2 ] && echo '{"milliseconds": [50, 150], "peak_bytes": 3}'
      done
      """
    try withPython(script) { python in
      let lines = try measured(comparison(python)).lines
      #expect(lines.map(\.name) == ["Espalier", "stand-in 1.0"])
      #expect(lines[1].steps == 4 && lines[1].minMilliseconds == 50 && lines[1].maxMilliseconds == 150)
      #expect(lines[1].medianMilliseconds == 150 && lines[1].peakBytes == 3)
      #expect(abs(lines[1].ratio - 150 / lines[0].medianMilliseconds) < 1e-9)
    }
  }

  @Test(arguments: [
    (#"echo '{"error": "no TensorFlow here: pip install it"}'"#, "no TensorFlow here: pip install it"),
    ("echo hello", "a line of JSON is expected from a peer, not 'hello'"),
    ("echo 'Traceback: it broke' >&2; exit 3", "Traceback: it broke"),
    (#"echo '{"name": "x"}'; read -r count; echo '{"milliseconds": []}'"#, "ran 0 steps instead of 1"),
  ]) func peersThatFailSayWhy(script: String, message: String) throws {
    try withPython(script) { python in
      let outcome = try run(comparison(python) + ["--warmup", "1"])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }

  @Test func aMissingPythonIsNamed() throws {
    let outcome = try run(comparison("/nowhere/python"))
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("there is no Python '/nowhere/python'"))
  }
}

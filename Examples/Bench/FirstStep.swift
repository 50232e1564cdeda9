import Espalier
import Foundation

/// What a new process does for `startup`: one training step.
enum FirstStep {
  static func run(_ options: Options) throws {
    let steps = try GraphSteps(Model(options), isTraining: true, threads: options.threads)
    print(#"{"milliseconds": \#(try steps.run(1)), "peak_bytes": \#(peakBytesOfProcess())}"#)
  }
}

/// Starts this program anew for each step, until its first training step has ended.
final class ProcessStart: Contestant {
  let name = "Espalier"
  private(set) var peakBytes: Int?
  private let executable: URL
  private let arguments: [String]

  init(_ options: Options) throws {
    _ = try Model(options)
    guard let executable = Bundle.main.executableURL else { throw BenchError("this program does not know its file") }
    self.executable = executable
    arguments = [
      "first-step", "--model", options.model, "--size", "\(options.size)", "--batch", "\(options.batch)", "--optimizer",
      options.optimizer, "--threads", "\(options.threads)",
    ]
  }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in
      let clock = ContinuousClock()
      let begin = clock.now
      let process = try LineProcess(executable, arguments, name: "example-bench first-step")
      let line = try PeerLine(process.readLine())
      let time = (clock.now - begin) / .milliseconds(1)
      peakBytes = line.peakBytes
      process.finish()
      return time
    }
  }
}

/// Starts a peer anew for each step, until its first training step has ended.
final class PeerStart: Contestant {
  let name: String
  private(set) var peakBytes: Int?
  private let options: Options

  init(_ options: Options) throws {
    self.options = options
    name = options.compare
  }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in
      let clock = ContinuousClock()
      let begin = clock.now
      let peer = try Peer(.train, options)
      defer { peer.finish() }
      peakBytes = peer.peakBytes
      return (clock.now - begin) / .milliseconds(1)
    }
  }
}

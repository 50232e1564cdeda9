import Foundation

/// A peer's own script, which runs steps when it is told to.
///
/// It is started with the words of the workload and prints a line when it has made its first step, `{"name":
/// "tensorflow 2.15.1"}`. For each line with a number of steps that it reads, it prints one with their times,
/// `{"milliseconds": [41.2, 40.9], "peak_bytes": 812000000}`. It ends with its input.
final class Peer: Contestant {
  let name: String
  let unitsPerStep: Int
  private(set) var peakBytes: Int?
  private let process: LineProcess

  /// Starts the peer that the options name, and waits until it is ready.
  ///
  /// - Throws: `BenchError` if there is no such Python or the peer is not installed in it.
  init(_ workload: Workload, _ options: Options) throws {
    let script = Self.scripts.appendingPathComponent(
      options.compare == "tensorflow" ? "tensorflow_bench.py" : "pytorch_bench.py")
    guard FileManager.default.isReadableFile(atPath: script.path) else {
      throw BenchError("\(script.path) is not there: the peers' scripts are part of the package's sources")
    }
    let python = try Self.python(options.python)
    let model = workload == .dispatch ? nil : try Model(options)
    var arguments = [script.path, workload.nameForPeers, "--threads", "\(threadCount(options.threads))"]
    if let model {
      arguments += [
        "--model", model.name, "--size", "\(model.size)", "--batch", "\(model.batch)", "--optimizer", model.optimizer,
      ]
    }
    if options.compare == "pytorch-compiled" { arguments.append("--compile") }
    process = try LineProcess(python, arguments, name: options.compare)
    let ready = try PeerLine(process.readLine())
    name = ready.name ?? options.compare
    peakBytes = ready.peakBytes
    unitsPerStep = [.train, .infer, .predict].contains(workload) ? options.batch : 1
  }

  /// Beside this file: the sources know where they are, wherever the build is.
  private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Peers")

  /// Returns the file of a Python that is named by its path or is found along `PATH`.
  private static func python(_ name: String) throws -> URL {
    let folders =
      name.contains("/")
      ? [""]
      : (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { $0 + "/" }
    guard let path = folders.map({ $0 + name }).first(where: FileManager.default.isExecutableFile) else {
      throw BenchError("there is no Python '\(name)'; --python takes the path of one that has the peer installed")
    }
    return URL(fileURLWithPath: path)
  }

  func run(_ count: Int) throws -> [Double] {
    try process.write("\(count)")
    let line = try PeerLine(process.readLine())
    guard let times = line.milliseconds, times.count == count else {
      throw BenchError("\(name) ran \(line.milliseconds?.count ?? 0) steps instead of \(count)")
    }
    peakBytes = line.peakBytes
    return times
  }

  func finish() { process.finish() }
}

/// A line that a peer prints.
struct PeerLine: Decodable {
  /// What it is, with its version.
  var name: String?
  /// How long each step took.
  var milliseconds: [Double]?
  /// The most bytes that its process ever held.
  var peakBytes: Int?
  /// Why it cannot.
  var error: String?

  /// Returns what a line says.
  ///
  /// - Throws: `BenchError` if it is no such line, or says what is wrong.
  init(_ line: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { self = try decoder.decode(PeerLine.self, from: Data(line.utf8)) } catch {
      throw BenchError("a line of JSON is expected from a peer, not '\(line)'")
    }
    if let error { throw BenchError(error) }
  }
}

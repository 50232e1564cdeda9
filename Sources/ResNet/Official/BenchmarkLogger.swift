import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Takes down measurements of a training: this one in the log.
///
/// Source: `BaseBenchmarkLogger` of `official/utils/logs/logger.py`.
open class BenchmarkLogger {
  /// Returns a logger.
  public init() {}

  /// Takes down one number.
  open func log(
    _ name: String, _ value: Double, unit: String? = nil, globalStep: Int? = nil, extras: [String: String] = [:]
  ) throws {
    Logging.info("Benchmark metric: \(line(name, value, unit, globalStep, extras))")
  }

  /// Takes down what is trained, and with which parameters.
  open func logRun(model: String, dataset: String, parameters: [String: String]) throws {
    Logging.info("Benchmark run: \(run(model, dataset, parameters))")
  }

  /// Takes down all numbers of an evaluation.
  public func log(_ results: EvaluationResult) throws {
    for name in results.metrics.keys.sorted() {
      if let value = results[name] { try log(name, value, globalStep: results.globalStep) }
    }
  }

  func line(
    _ name: String, _ value: Double, _ unit: String?, _ globalStep: Int?, _ extras: [String: String]
  ) -> String {
    let members = [
      ("name", quoted(name)), ("value", value.isFinite ? "\(value)" : quoted("\(value)")),
      ("unit", unit.map(quoted) ?? "null"), ("global_step", globalStep.map(String.init) ?? "null"),
      ("timestamp", quoted(timestamp())), ("extras", pairs(extras)),
    ]
    return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
  }

  func run(_ model: String, _ dataset: String, _ parameters: [String: String]) -> String {
    "{\"model_name\": \(quoted(model)), \"dataset\": {\"name\": \(quoted(dataset))}, "
      + "\"machine_config\": {\"cpu_info\": {\"num_cores\": \(OfficialOptions.coreCount)}}, "
      + "\"run_date\": \(quoted(timestamp())), \"run_parameters\": \(pairs(parameters))}"
  }

  private func pairs(_ values: [String: String]) -> String {
    let members = values.sorted { $0.key < $1.key }
    return "["
      + members.map { "{\"name\": \(quoted($0.key)), \"value\": \(quoted($0.value))}" }
      .joined(separator: ", ") + "]"
  }

  private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case _ where scalar.value < 32: " "
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  private func timestamp() -> String {
    var moment = time(nil)
    var parts = tm()
    gmtime_r(&moment, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S.000000Z", &parts)
    return String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Takes down measurements in files of JSON: a line for each in `metric.log`, the run in `benchmark_run.log`.
///
/// Source: `BenchmarkFileLogger` of `official/utils/logs/logger.py`.
public final class BenchmarkFileLogger: BenchmarkLogger {
  private let directory: String

  /// Returns a logger that writes into a directory, which is made if it is not there.
  ///
  /// - Throws: `FormatError` if it cannot be made.
  public init(directory: String) throws {
    self.directory = directory
    try Files.createDirectory(directory)
    super.init()
  }

  public override func log(
    _ name: String, _ value: Double, unit: String? = nil, globalStep: Int? = nil, extras: [String: String] = [:]
  ) throws {
    try append(line(name, value, unit, globalStep, extras), to: "metric.log")
  }

  public override func logRun(model: String, dataset: String, parameters: [String: String]) throws {
    try Files.write(
      Array((run(model, dataset, parameters) + "\n").utf8), to: FilePath.join(directory, "benchmark_run.log"))
  }

  private func append(_ line: String, to name: String) throws {
    let path = FilePath.join(directory, name)
    guard let file = fopen(path, "a") else { throw ResNetError("\(path) cannot be written") }
    let written = fputs(line + "\n", file)
    guard fclose(file) == 0, written >= 0 else { throw ResNetError("\(path) cannot be written") }
  }
}

/// Returns the natural logarithm.
func logarithm(_ number: Double) -> Double { log(number) }

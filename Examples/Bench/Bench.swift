import Espalier
import Foundation

/// Measures what Espalier does, alone or in turns with a peer: `swift run -c release example-bench train`.
@main
struct Bench {
  static func main() {
    // A peer that ends early is an error of its own, not a signal.
    signal(SIGPIPE, SIG_IGN)
    do {
      try program.run(CommandLine.arguments.dropFirst())
    } catch {
      FileHandle.standardError.write(Data("example-bench: \(error)\n".utf8))
      exit(error is UsageError ? UsageError.status : 1)
    }
  }

  private static var program: CommandLineProgram {
    CommandLineProgram(Options.command, defaults: Options()) { given in
      guard let word = given.words.first else { return print(Options.command.help(defaults: [("default", Options())])) }
      guard let workload = Workload(rawValue: word) else {
        throw UsageError(
          "no workload '\(word)': there are " + Workload.allCases.map(\.rawValue).joined(separator: ", "))
      }
      try run(workload, given.applied(to: Options()))
    }
  }

  private static func run(_ workload: Workload, _ options: Options) throws {
    if workload == .firstStep { return try FirstStep.run(options) }
    let report = try Report(workload, options, contestants(workload, options))
    print(options.json ? try report.json() : report.text)
  }

  /// Returns who takes turns: Espalier first.
  private static func contestants(_ workload: Workload, _ options: Options) throws -> [any Contestant] {
    guard options.compare.isEmpty || workload.hasPeers else {
      throw UsageError("no peer does '\(workload.rawValue)'; --compare is for train, infer and others")
    }
    var contestants: [any Contestant] = []
    switch workload {
    case .train, .infer:
      contestants = [try GraphSteps(Model(options), isTraining: workload == .train, threads: options.threads)]
    case .predict: contestants = [try PredictorCalls(Model(options), threads: options.threads)]
    case .evaluateStart: contestants = [try EvaluationStarts(Model(options), threads: options.threads)]
    case .op: contestants = [try OperationWork(options).contestant(threads: options.threads)]
    case .dispatch: contestants = [try GraphSteps(scalarOperations: 100, threads: options.threads)]
    case .graphBuild: contestants = [GraphBuilding(try Model(options))]
    case .startup: contestants = [try ProcessStart(options)]
    case .pipeline: contestants = try RecordPipeline.contestants(options)
    case .estimator: return try EstimatorRun.contestants(options)
    case .scaling: return try Scaling.contestants(options)
    case .batches:
      return try [128, 32, 512].map { batch in
        var options = options
        options.batch = batch
        return try GraphSteps(Model(options), isTraining: true, threads: options.threads, name: "batch \(batch)")
      }
    case .firstStep: break
    }
    if !options.compare.isEmpty {
      contestants.append(workload == .startup ? try PeerStart(options) : try Peer(workload, options))
    }
    return contestants
  }
}
